package dev.warren.relay.server.logic;

/** Why a connection is not let in. */
public enum Refusal {
  /** More connections were accepted in this second than the relay is to take. */
  ACCEPT_RATE("too many connections at once"),
  /** The relay has as many clients as it is to have. */
  CLIENTS("the relay is full"),
  /** So has the address. */
  CLIENTS_PER_ADDRESS("too many clients at this address"),
  /** So has the id. */
  CONNECTIONS_PER_ID("too many connections with this id"),
  /** The id comes back too often. */
  CONNECTS_PER_ID("this id connects too often"),
  /** It was the oldest of those being established, and there were too many of them. */
  HANDSHAKES("too many connections are being established"),
  /** More proofs than the relay will hold wait to be checked. */
  PROOFS("too many proofs wait to be checked");

  private final String reason;

  Refusal(String reason) {
    this.reason = reason;
  }

  /** For the client: ASCII, short enough for a WebSocket close frame, without a full stop. */
  public String reason() {
    return reason;
  }
}
