package dev.warren.core.io;

import dev.warren.magicsock.PeerAddress;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the handshakes that strangers can have under way at once: each costs about 50 KiB of
 * native memory until it ends (netty-quic-notes section 6), and a first packet can bear any source
 * address. Above {@value #RETRY_ABOVE} a newcomer has to come back with a token, which proves his
 * address (RFC 9000 section 8.1.2); above {@value #MOST} he is not heard.
 *
 * <p>Stands before the application's own gate. Any thread.
 */
final class HandshakePressure implements IncomingGate {
  /** About 50 MiB. */
  static final int RETRY_ABOVE = 1_000;

  /** About 200 MiB; who is dropped comes again within a second by himself. */
  static final int MOST = 4_000;

  private final @Nullable IncomingGate next;
  private final LongAdder heldOff;
  private final AtomicInteger underWay = new AtomicInteger();

  HandshakePressure(@Nullable IncomingGate next, LongAdder heldOff) {
    this.next = next;
    this.heldOff = heldOff;
  }

  /** An accepted connection has begun its handshake; {@link #ended} must follow. */
  void begun() {
    underWay.incrementAndGet();
  }

  /** It is open, or it has failed. */
  void ended() {
    underWay.decrementAndGet();
  }

  @Override
  public Decision decide(PeerAddress from, ByteBuf initial) {
    int now = underWay.get();
    if (now >= MOST) {
      heldOff.increment();
      return Decision.IGNORE;
    }
    Decision decision = next == null ? Decision.ACCEPT : next.decide(from, initial);
    if (decision == Decision.ACCEPT && now >= RETRY_ABOVE && !IncomingGate.hasToken(initial)) {
      heldOff.increment();
      return Decision.RETRY;
    }
    return decision;
  }
}
