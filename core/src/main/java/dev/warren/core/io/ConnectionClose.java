package dev.warren.core.io;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One close of a connection, done so that the peer hears of it.
 *
 * <p>quiche counts CONNECTION_CLOSE against the congestion window, and Netty frees the connection
 * after a single attempt to send it: closed in the midst of bulk data, the peer would wait for its
 * idle timeout (measured, docs/quic-codec.md). So a busy connection first stops its senders, then
 * waits for a packet of the peer, which as a rule acknowledges something and so makes room.
 *
 * <pre>
 * begin --not busy--> closed
 *   \--busy, or not confirmed by the peer--> WAITING --a packet came, or the deadline passed--> closed
 * </pre>
 *
 * Event loop of the connection only.
 */
final class ConnectionClose {
  /**
   * After three round trips whatever was in flight is acknowledged or lost (RFC 9002 section 6).
   */
  private static final int ROUND_TRIPS = 3;

  /**
   * A peer may take 25 ms before it acknowledges (RFC 9000 section 18.2), and far longer on a busy
   * machine, which the round trips of an idle one do not show. Whoever answers is not waited for
   * any longer, so this costs only where nobody is.
   */
  private static final Duration SHORTEST = Duration.ofMillis(250);

  /** Well below the bound on the close of an endpoint. */
  private static final Duration LONGEST = Duration.ofSeconds(1);

  private static final long POLL_MS = 2;

  private final QuicConnection connection;
  private final QuicChannel channel;
  private final boolean application;
  private final int code;
  private final String reason;
  private long received = -1;
  private long deadline;

  /** Of a connection that has a channel. */
  ConnectionClose(QuicConnection connection, boolean application, int code, String reason) {
    this.connection = connection;
    this.channel = connection.channel();
    this.application = application;
    this.code = code;
    this.reason = reason;
  }

  /** Nothing is in flight that could keep the frame back. */
  void now() {
    if (channel.isOpen()) {
      connection.lastDatagramIsOf(
          () ->
              channel.close(
                  application, code, Unpooled.copiedBuffer(reason, StandardCharsets.UTF_8)));
    }
  }

  /** The caller has stopped the senders. */
  void whenThereIsRoom() {
    Future<QuicConnectionPathStats> path = channel.collectPathStats(0);
    long rtt = path.isSuccess() ? path.getNow().rtt() : 0;
    long wait = Math.min(LONGEST.toNanos(), Math.max(SHORTEST.toNanos(), ROUND_TRIPS * rtt));
    deadline = System.nanoTime() + wait;
    received = received();
    again();
  }

  private void again() {
    channel.eventLoop().schedule(this::poll, POLL_MS, TimeUnit.MILLISECONDS);
  }

  private void poll() {
    if (received() != received || System.nanoTime() - deadline >= 0) {
      now();
    } else if (channel.isOpen()) {
      again();
    }
  }

  private long received() {
    return received(channel, received);
  }

  /** Packets that have arrived, or {@code unknown}. */
  static long received(QuicChannel channel, long unknown) {
    Future<QuicConnectionStats> stats = channel.collectStats();
    return stats.isSuccess() ? stats.getNow().recv() : unknown;
  }
}
