package dev.warren.magicsock.logic;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Our Pings that wait for their Pong, by transaction id; the oldest go first when there are too
 * many. Socket loop only.
 *
 * @param <P> whom a Ping went to
 */
public final class PendingPings<P> {
  /** Pings of ours without an answer that are remembered. */
  public static final int LIMIT = 8192;

  /** Life of a pending ping, nanoseconds (magicsock section 6.3: five seconds). */
  public static final long LIFE = 5_000_000_000L;

  private final Map<Tx, Sent<P>> byTx = new LinkedHashMap<>();

  private record Tx(long a, int b) {
    static Tx of(byte[] tx) {
      ByteBuffer in = ByteBuffer.wrap(tx);
      return new Tx(in.getLong(), in.getInt());
    }
  }

  /**
   * A Ping: to whom, where (null: through the relay), how large (bytes of UDP payload), and when.
   */
  public record Sent<P>(P peer, @Nullable InetSocketAddress to, int size, long at) {}

  /** Remembers a Ping; {@code tx} has 12 bytes. True if the oldest had to go for it. */
  public boolean sent(byte[] tx, P peer, @Nullable InetSocketAddress to, int size, long now) {
    boolean full = byTx.size() >= LIMIT;
    if (full) {
      byTx.remove(byTx.keySet().iterator().next());
    }
    byTx.put(Tx.of(tx), new Sent<>(peer, to, size, now));
    return full;
  }

  /** What a Pong's transaction answers; once only. */
  public @Nullable Sent<P> take(byte[] tx) {
    return byTx.remove(Tx.of(tx));
  }

  /** Forgets those whose answer would come too late. */
  public void expire(long now) {
    for (Iterator<Sent<P>> it = byTx.values().iterator(); it.hasNext(); ) {
      if (now - it.next().at() <= LIFE) {
        return;
      }
      it.remove();
    }
  }

  public int size() {
    return byTx.size();
  }
}
