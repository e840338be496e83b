package dev.warren.base;

import org.jspecify.annotations.Nullable;

/** A connection could not be made. */
public final class PeerConnectException extends PeerException {
  private static final long serialVersionUID = 1;

  public PeerConnectException(Kind kind, @Nullable NodeId peer, String message) {
    super(kind, peer, message, null);
  }
}
