package dev.warren.magicsock;

import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.UdpPath;
import io.netty.channel.EventLoop;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One scheduled task for all peers and the socket's upkeep, due at the earliest deadline of any.
 * Socket loop only.
 */
final class PeerTimers {
  private final EventLoop loop;
  private final PeerTable peers;
  private final LongUnaryOperator upkeep;
  private final MagicSocketMetrics metrics;
  private @Nullable ScheduledFuture<?> task;
  private long taskAt;
  private boolean closed;

  /**
   * {@code upkeep} runs whenever the timer does, is told the time, and says when it has to run
   * again at the latest; {@link UdpPath#NEVER} if not before something is sent or received.
   */
  PeerTimers(
      EventLoop loop, PeerTable peers, LongUnaryOperator upkeep, MagicSocketMetrics metrics) {
    this.loop = loop;
    this.peers = peers;
    this.upkeep = upkeep;
    this.metrics = metrics;
  }

  /** Makes sure that a peer in use is looked at when something is due. */
  void arm(Peer peer, long now) {
    long due = peer.table.deadline();
    if (due != peer.nextTimer && (peer.nextTimer == UdpPath.NEVER || due - peer.nextTimer < 0)) {
      peer.nextTimer = due;
      schedule(due, now);
    }
  }

  /** Makes sure that the upkeep runs then, though no peer may need it. */
  void wakeAt(long at) {
    schedule(at, System.nanoTime());
  }

  private void schedule(long at, long now) {
    if (task != null && !task.isDone() && taskAt - at <= 0 || closed) {
      return;
    }
    if (task != null) {
      task.cancel(false);
    }
    taskAt = at;
    task = loop.schedule(this::run, Math.max(0, at - now), TimeUnit.NANOSECONDS);
  }

  private void run() {
    task = null;
    metrics.count(Counter.TIMER_RUNS);
    long now = System.nanoTime();
    long earliest = UdpPath.NEVER;
    for (Peer peer : peers.identified()) {
      if (peer.nextTimer == UdpPath.NEVER) {
        continue;
      }
      if (peer.nextTimer - now <= 0) {
        peer.nextTimer = peer.table.onTimer(now);
        peer.publish(now);
      }
      earliest = UdpPath.earlier(earliest, peer.nextTimer);
    }
    // Peers rest long before a relay or a stranger is forgotten.
    earliest = UdpPath.earlier(earliest, upkeep.applyAsLong(now));
    if (earliest != UdpPath.NEVER) {
      schedule(earliest, now);
    }
  }

  void close() {
    closed = true;
    if (task != null) {
      task.cancel(false);
    }
  }
}
