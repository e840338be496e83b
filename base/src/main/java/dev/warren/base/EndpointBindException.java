package dev.warren.base;

import org.jspecify.annotations.Nullable;

/** An endpoint or server could not get its sockets; the message names the address. */
public final class EndpointBindException extends PeerException {
  private static final long serialVersionUID = 1;

  public EndpointBindException(String message, @Nullable Throwable cause) {
    super(Kind.BIND, null, message, cause);
  }
}
