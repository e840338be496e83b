package dev.warren.magicsock;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Datagrams that wait for something, by what they wait for. Sent again by QUIC they would come only
 * when its timer runs out, a second into a handshake (RFC 9002 section 6.2.2). Used for
 *
 * <ul>
 *   <li>an address that must not get them yet, since it has proved nothing: they follow as soon as
 *       a probe has come back from there, a round trip later;
 *   <li>a peer that is dialled and has not been heard: they are sent once more when another address
 *       of it is found.
 * </ul>
 *
 * <p>Owns what it holds: at most {@value #MAX_PER_KEY} bytes for each and {@value #MAX_BYTES} in
 * all, the oldest go first, and none for longer than its life. Socket loop only.
 */
final class HeldBack<K> {
  /** A server's first flight with a certificate, sent twice. */
  static final int MAX_PER_KEY = 8 * 1024;

  static final int MAX_BYTES = 1 << 20;

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
  private final Map<K, Waiting> byKey = new LinkedHashMap<>();

  private final long life;
  private int bytes;

  /** Keeps nothing for longer than {@code life} nanoseconds. */
  HeldBack(long life) {
    this.life = life;
  }

  /** Takes ownership. */
  void add(K to, ByteBuf data, int segmentSize, long now) {
    expire(now);
    int n = data.readableBytes();
    Waiting known = byKey.get(to);
    if (n + (known == null ? 0 : known.bytes) > MAX_PER_KEY) {
      data.release();
      return;
    }
    while (bytes + n > MAX_BYTES) {
      drop(byKey.keySet().iterator().next());
    }
    Waiting waiting = byKey.computeIfAbsent(to, k -> new Waiting(now));
    waiting.batches.add(new Held(data, segmentSize));
    waiting.bytes += n;
    bytes += n;
  }

  /** Hands over, in order, what is held for it; the taker owns it. */
  void release(K to, long now, Consumer<Held> taker) {
    expire(now);
    Waiting waiting = byKey.remove(to);
    if (waiting != null) {
      bytes -= waiting.bytes;
      waiting.batches.forEach(taker);
    }
  }

  /** Drops what is too old. */
  void expire(long now) {
    while (!byKey.isEmpty()) {
      Map.Entry<K, Waiting> oldest = byKey.entrySet().iterator().next();
      if (now - oldest.getValue().since <= life) {
        return;
      }
      drop(oldest.getKey());
    }
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  void clear() {
    List.copyOf(byKey.keySet()).forEach(this::drop);
  }

  private void drop(K to) {
    Waiting waiting = byKey.remove(to);
    bytes -= waiting.bytes;
    waiting.batches.forEach(held -> held.data.release());
  }
}
