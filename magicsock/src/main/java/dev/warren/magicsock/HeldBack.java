package dev.warren.magicsock;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Datagrams that must not go to an address yet, since it has proved nothing: they follow as soon as
 * a probe has come back from there, a round trip later. Dropped instead, they would come again only
 * when QUIC's timer runs out, a second into a handshake.
 *
 * <p>Owns what it holds: at most {@value #MAX_PER_ADDRESS} bytes for an address and {@value
 * #MAX_BYTES} in all, the oldest go first, and none for longer than half a second. Socket loop
 * only.
 */
final class HeldBack {
  /** A server's first flight with a certificate, sent twice. */
  static final int MAX_PER_ADDRESS = 8 * 1024;

  static final int MAX_BYTES = 1 << 20;

  /** Later QUIC sends it again by itself (RFC 9002 section 6.2.2: one second at first). */
  static final long LIFE = 500_000_000L;

  /** One datagram, or a batch cut every {@code segmentSize} bytes. */
  record Held(ByteBuf data, int segmentSize) {}

  private static final class Waiting {
    final List<Held> batches = new ArrayList<>(2);
    final long since;
    int bytes;

    Waiting(long since) {
      this.since = since;
    }
  }

  /** Oldest first. */
  private final Map<InetSocketAddress, Waiting> byAddress = new LinkedHashMap<>();

  private int bytes;

  /** Takes ownership. */
  void add(InetSocketAddress to, ByteBuf data, int segmentSize, long now) {
    expire(now);
    int n = data.readableBytes();
    Waiting known = byAddress.get(to);
    if (n + (known == null ? 0 : known.bytes) > MAX_PER_ADDRESS) {
      data.release();
      return;
    }
    while (bytes + n > MAX_BYTES) {
      drop(byAddress.keySet().iterator().next());
    }
    Waiting waiting = byAddress.computeIfAbsent(to, a -> new Waiting(now));
    waiting.batches.add(new Held(data, segmentSize));
    waiting.bytes += n;
    bytes += n;
  }

  /** Hands over, in order, what is held for an address; the taker owns it. */
  void release(InetSocketAddress to, long now, Consumer<Held> taker) {
    expire(now);
    Waiting waiting = byAddress.remove(to);
    if (waiting != null) {
      bytes -= waiting.bytes;
      waiting.batches.forEach(taker);
    }
  }

  /** Drops what is too old. */
  void expire(long now) {
    while (!byAddress.isEmpty()) {
      Map.Entry<InetSocketAddress, Waiting> oldest = byAddress.entrySet().iterator().next();
      if (now - oldest.getValue().since <= LIFE) {
        return;
      }
      drop(oldest.getKey());
    }
  }

  boolean isEmpty() {
    return byAddress.isEmpty();
  }

  void clear() {
    List.copyOf(byAddress.keySet()).forEach(this::drop);
  }

  private void drop(InetSocketAddress to) {
    Waiting waiting = byAddress.remove(to);
    bytes -= waiting.bytes;
    waiting.batches.forEach(held -> held.data.release());
  }
}
