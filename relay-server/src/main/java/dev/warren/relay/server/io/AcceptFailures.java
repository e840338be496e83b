package dev.warren.relay.server.io;

import dev.warren.serving.logic.LineRate;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a listener does when the kernel has a connection for it that it cannot take: mostly since
 * the process may not open another file. It waits a moment, as the connection stays where it is and
 * asking again at once would be a busy loop, and cuts the oldest of those that are still being
 * established: nobody can keep everybody else out by sockets on which he says nothing. Event loop
 * only.
 */
final class AcceptFailures extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptFailures.class);

  /** Long enough for a cut socket to be closed, short against what a client waits for. */
  private static final int PAUSE_MILLIS = 100;

  /** Connections that are cut each time: 640 places a second for those who wait. */
  static final int SHED = 64;

  private final DataPlane plane;
  private final ServiceCounters counters;
  private final LineRate lines = new LineRate(1, System.nanoTime());

  AcceptFailures(DataPlane plane, ServiceCounters counters) {
    this.plane = plane;
    this.counters = counters;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    counters.acceptFailures.increment();
    int cut = plane.shed(SHED);
    if (lines.mayWrite(System.nanoTime())) {
      LOG.warn(
          "a connection could not be accepted: {}. {} that are being established are cut to make"
              + " room; with too many open files, raise that limit (ulimit -n, LimitNOFILE)",
          cause.toString(),
          cut);
    }
    ctx.channel().config().setAutoRead(false);
    ctx.executor()
        .schedule(
            () -> ctx.channel().config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }
}
