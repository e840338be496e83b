package dev.warren.base;

/** Why a connection ended. */
public sealed interface CloseReason {
  /** First of the 256 transport codes that carry a TLS alert (RFC 9001 section 4.8). */
  long FIRST_ALERT = 0x100;

  /** The peer closed it with an application code. */
  record ByPeer(long code, String text) implements CloseReason {}

  /** We closed it with an application code. */
  record ByUs(long code, String text) implements CloseReason {}

  /** Nothing was heard for the idle timeout. */
  record TimedOut() implements CloseReason {}

  /** It vanished without a word. */
  record Reset() implements CloseReason {}

  /** QUIC or TLS gave up, with a transport code (RFC 9000 section 20.1). */
  record TransportError(long code, String text) implements CloseReason {}

  /** Our endpoint was closed. */
  record EndpointClosed() implements CloseReason {}

  /** {@code us}, {@code peer}, {@code timeout} or {@code error}. */
  default String by() {
    if (this instanceof ByUs || this instanceof EndpointClosed) {
      return "us";
    }
    if (this instanceof ByPeer) {
      return "peer";
    }
    return this instanceof TimedOut ? "timeout" : "error";
  }

  /** The code, or 0 where there is none. */
  default long code() {
    if (this instanceof ByPeer r) {
      return r.code;
    }
    if (this instanceof ByUs r) {
      return r.code;
    }
    return this instanceof TransportError r ? r.code : 0;
  }

  /** The text, or an empty one. */
  default String text() {
    if (this instanceof ByPeer r) {
      return r.text;
    }
    if (this instanceof ByUs r) {
      return r.text;
    }
    return this instanceof TransportError r ? r.text : "";
  }

  /** One clause for messages. */
  default String describe() {
    String detail = "code " + code() + (text().isEmpty() ? "" : ", \"" + text() + "\"");
    if (this instanceof ByPeer) {
      return "by the peer (" + detail + ")";
    }
    if (this instanceof ByUs) {
      return "by us (" + detail + ")";
    }
    if (this instanceof TimedOut) {
      return "nothing was heard from the peer for the idle timeout";
    }
    if (this instanceof TransportError e) {
      if (e.code >= FIRST_ALERT && e.code < FIRST_ALERT + 256) {
        return "TLS alert "
            + (e.code - FIRST_ALERT)
            + ": the peer does not accept our identity, or the form in which we proved it";
      }
      return "QUIC error (" + detail + ")";
    }
    return this instanceof EndpointClosed ? "the endpoint was closed" : "it was lost";
  }
}
