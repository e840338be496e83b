package dev.warren.base;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An operation with a peer failed. The message says what was tried and what to do; the {@link Kind}
 * lets code branch.
 */
public abstract sealed class PeerException extends IOException
    permits PeerConnectException,
        ConnectionClosedException,
        StreamException,
        DatagramException,
        EndpointBindException {
  private static final long serialVersionUID = 1;

  private final Kind kind;
  private final transient @Nullable NodeId peer;

  PeerException(Kind kind, @Nullable NodeId peer, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.peer = peer;
  }

  /** What sort of failure. */
  public enum Kind {
    /** Another node answered, or the peer could not prove its id. */
    IDENTITY,
    /** No protocol in common. */
    ALPN,
    /** Nothing answered on any path. */
    UNREACHABLE,
    /** Something did not happen in time. */
    TIMEOUT,
    /** There was nothing to try. */
    NO_ADDRESS,
    /** The peer, or a hook, said no. */
    REFUSED,
    /** The connection or endpoint is closed. */
    CLOSED,
    /** The stream was reset. */
    RESET,
    /** The stream was stopped by its reader. */
    STOPPED,
    /** A limit was exceeded. */
    LIMIT,
    /** No socket could be had. */
    BIND,
    /** The peer broke the protocol. */
    PROTOCOL,
    /** A defect of this library. */
    INTERNAL;

    /** Lower case, as in JSON output. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Kind kind() {
    return kind;
  }

  /** The peer concerned, if there is one. */
  public Optional<NodeId> peer() {
    return Optional.ofNullable(peer);
  }
}
