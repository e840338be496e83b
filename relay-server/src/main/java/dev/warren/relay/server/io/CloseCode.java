package dev.warren.relay.server.io;

/** Why a relay ends a WebSocket. */
enum CloseCode {
  /** RFC 6455 section 7.4.1. */
  GOING_AWAY(1001),

  /** RFC 6455 section 7.4.1. */
  POLICY_VIOLATION(1008),

  /** RFC 6455 section 7.4.1. */
  MESSAGE_TOO_BIG(1009),

  /** IANA's registry of close codes. */
  TRY_AGAIN_LATER(1013);

  private final int code;

  CloseCode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
