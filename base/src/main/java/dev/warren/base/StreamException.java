package dev.warren.base;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A stream ended otherwise than by its end. */
public final class StreamException extends PeerException {
  private static final long serialVersionUID = 1;

  private final long code;

  private StreamException(Kind kind, @Nullable NodeId peer, String message, long code) {
    super(kind, peer, message, null);
    this.code = code;
  }

  /** The peer's application code, where QUIC tells it. */
  public OptionalLong code() {
    return code < 0 ? OptionalLong.empty() : OptionalLong.of(code);
  }

  public static StreamException reset(NodeId peer, long code) {
    return new StreamException(
        Kind.RESET, peer, "the peer reset the stream with code " + code, code);
  }

  public static StreamException stopped(NodeId peer) {
    return new StreamException(Kind.STOPPED, peer, "the peer reads this stream no further", -1);
  }

  public static StreamException stoppedByUs(NodeId peer) {
    return new StreamException(Kind.CLOSED, peer, "we stopped or closed this stream", -1);
  }

  public static StreamException resetByUs(NodeId peer) {
    return new StreamException(Kind.CLOSED, peer, "we reset this stream", -1);
  }

  public static StreamException finished(NodeId peer) {
    return new StreamException(
        Kind.CLOSED, peer, "this stream was finished: nothing can follow", -1);
  }

  public static StreamException notTakenEarly(NodeId peer) {
    return new StreamException(
        Kind.REFUSED,
        peer,
        peer.toShortString()
            + " did not take early data: send it again on the connection that the handshake gives",
        -1);
  }

  public static StreamException overLimit(NodeId peer, long limit) {
    return new StreamException(
        Kind.LIMIT, peer, "the peer sent more than the limit of " + limit + " bytes", -1);
  }

  public static StreamException noCredit(NodeId peer, long millis) {
    return new StreamException(
        Kind.TIMEOUT,
        peer,
        "the peer allowed no further stream within "
            + millis
            + " ms: as many as its limit are open, finish or close some",
        -1);
  }

  public static StreamException truncated(NodeId peer, long missing) {
    return new StreamException(
        Kind.CLOSED, peer, "the stream ended " + missing + " bytes before it was expected to", -1);
  }
}
