package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.core.io.QuicConnection;
import dev.warren.core.logic.CloseReasons;

/**
 * A connection whose peer has proved its identity and waits for our decision. Streams that it
 * opened already wait too, those of early data (0-RTT) among them: there is no accepting before the
 * proof, so nothing that comes from here was replayed. One of {@link #accept}, {@link #refuse} or
 * {@link #ignore} should be called; without any, the connection stays open and unused until the
 * peer gives up. Any thread.
 *
 * <p>Decisions that must be made before the cost of a handshake belong in {@link IncomingFilter}.
 */
public final class Incoming {
  private final QuicConnection quic;

  Incoming(QuicConnection quic) {
    this.quic = quic;
  }

  /** Who it is. */
  public NodeId remoteId() {
    return quic.remoteId();
  }

  /** What it wants to speak. */
  public Alpn alpn() {
    return quic.alpn();
  }

  /** The path by which it reaches us now. */
  public PathInfo path() {
    return PathInfo.of(quic.peer().path());
  }

  /** Takes the connection. */
  public Connection accept() {
    return new Connection(quic);
  }

  /** Closes it with an application code (0 to 2^31-1) and text. */
  public void refuse(long code, String reason) {
    quic.close(Codes.check(code), reason);
  }

  /** Closes it without saying why. */
  public void ignore() {
    quic.close(CloseReasons.CONNECTION_REFUSED, "");
  }
}
