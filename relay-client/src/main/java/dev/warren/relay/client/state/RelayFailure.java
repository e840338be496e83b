package dev.warren.relay.client.state;

/** What sort of failure ended a relay connection, or an attempt at one. */
public enum RelayFailure {
  /** The host's name could not be resolved. */
  LOOKUP,
  /** No address took a TCP connection. */
  CONNECT,
  /** The HTTP proxy did not open a way. */
  PROXY,
  /** TLS failed: mostly a certificate that is not trusted, or is another host's. */
  TLS,
  /** What answered is not a relay, or none of a generation that we know. */
  NOT_A_RELAY,
  /** The relay authenticated us and then said no, or its HTTP server did: 401, 403. */
  NOT_AUTHORIZED,
  /** The relay has no room for us now, or drains. */
  BUSY,
  /** The token supplier failed, or its token cannot be sent. */
  TOKEN,
  /** The relay broke the protocol. */
  PROTOCOL,
  /** Something did not happen in time: the whole dial, a pong, a write. */
  TIMEOUT,
  /** The relay, or the network, ended the connection. */
  LOST,
  /** The relay ended the connection because it shuts down or restarts, and said so. */
  GOING_AWAY
}
