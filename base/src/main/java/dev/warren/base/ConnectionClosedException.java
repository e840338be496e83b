package dev.warren.base;

import org.jspecify.annotations.Nullable;

/** The connection ended under the operation. */
public final class ConnectionClosedException extends PeerException {
  private static final long serialVersionUID = 1;

  private final transient CloseReason reason;

  public ConnectionClosedException(@Nullable NodeId peer, CloseReason reason) {
    super(
        reason instanceof CloseReason.TimedOut ? Kind.TIMEOUT : Kind.CLOSED,
        peer,
        "the connection"
            + (peer == null ? "" : " to " + peer.toShortString())
            + " is closed: "
            + reason.describe(),
        null);
    this.reason = reason;
  }

  public CloseReason reason() {
    return reason;
  }
}
