package dev.warren.relay.server.access;

/** What an {@link AccessControl} says of a connection. Immutable. */
public sealed interface AccessDecision {
  /** The reason that a client is told when there is no better one (relay-server section 8). */
  String NOT_AUTHORIZED = "not authorized";

  /** The connection may be used. */
  record Allow() implements AccessDecision {
    private static final Allow ALLOW = new Allow();
  }

  /**
   * The connection is refused; {@code reason} is sent to the client, cut after {@value #MAX_REASON}
   * characters. It is for people: clients do not look into it.
   */
  record Deny(String reason) implements AccessDecision {
    /** Keeps the frame that carries the reason small: at most 800 bytes of UTF-8. */
    public static final int MAX_REASON = 200;

    private static final Deny DEFAULT = new Deny(NOT_AUTHORIZED);

    public Deny {
      if (reason.length() > MAX_REASON) {
        reason = reason.substring(0, MAX_REASON);
      }
    }
  }

  static AccessDecision allow() {
    return Allow.ALLOW;
  }

  /** Refused with the default reason, {@value #NOT_AUTHORIZED}. */
  static AccessDecision deny() {
    return Deny.DEFAULT;
  }

  static AccessDecision deny(String reason) {
    return new Deny(reason);
  }
}
