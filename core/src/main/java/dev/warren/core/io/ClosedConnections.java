package dev.warren.core.io;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last datagrams of connections that we have closed, sent again to peers that go on: RFC 9000
 * section 10.2.1 asks for it, and the codec sends CONNECTION_CLOSE once and forgets the connection.
 * Lost on the way, or too early for a peer that was still checking our certificate, the peer would
 * wait for its idle timeout.
 *
 * <p>The same bytes are sent: whoever has opened them before drops them as a duplicate. Nobody can
 * make us send who does not know the connection's id, and only a few bytes for each packet then.
 * Bounded: {@value #MAX} connections, the oldest forgotten first, each for {@link #LIFE}. Shard
 * loop only; time is an argument.
 */
final class ClosedConnections {
  static final int MAX = 1024;

  /**
   * Three probe timeouts, in nanoseconds: of a second each before a round trip was measured (RFC
   * 9002 section 6.2.2).
   */
  static final long LIFE = 3_000_000_000L;

  private final Map<Long, Closed> closed = new LinkedHashMap<>();

  private static final class Closed {
    final Runnable again;
    final long until;
    int heard;

    Closed(Runnable again, long until) {
      this.again = again;
      this.until = until;
    }
  }

  /**
   * @param id the connection's key in packets to us
   * @param again sends what said goodbye
   */
  void add(long id, Runnable again, long now) {
    expire(now);
    if (closed.size() >= MAX) {
      Iterator<Long> oldest = closed.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    closed.put(id, new Closed(again, now + LIFE));
  }

  /**
   * Answers a packet if its connection is closed; true then, and the packet is to be dropped. The
   * first packet is answered, then the second, the fourth, the eighth…, since a peer's flight needs
   * one answer only.
   */
  boolean answer(long id, long now) {
    Closed connection = closed.get(id);
    if (connection == null) {
      return false;
    }
    if (connection.until - now <= 0) {
      closed.remove(id);
      return false;
    }
    connection.heard++;
    if (Integer.bitCount(connection.heard) == 1) {
      connection.again.run();
    }
    return true;
  }

  /** Forgets those whose time is over. */
  void expire(long now) {
    closed.values().removeIf(connection -> connection.until - now <= 0);
  }

  boolean isEmpty() {
    return closed.isEmpty();
  }
}
