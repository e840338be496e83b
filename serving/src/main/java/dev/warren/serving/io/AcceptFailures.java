package dev.warren.serving.io;

import dev.warren.serving.logic.LineRate;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a listener does when the kernel has a connection for it that it cannot take: mostly since
 * the process may not open another file. It waits a moment, as the connection stays where it is and
 * asking again at once would be a busy loop, and cuts the oldest of those that are still being
 * established: nobody can keep everybody else out by sockets on which he says nothing. Event loop
 * only.
 */
public final class AcceptFailures extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptFailures.class);

  /** Long enough for a cut socket to be closed, short against what a client waits for. */
  private static final int PAUSE_MILLIS = 100;

  /** Connections that are cut each time: 640 places a second for those who wait. */
  public static final int SHED = 64;

  private final IntUnaryOperator shed;
  private final LongAdder failures;
  private final LineRate lines = new LineRate(1, System.nanoTime());

  /**
   * @param shed cuts at most so many connections, and says how many it has cut; any thread
   * @param failures counts what could not be accepted
   */
  public AcceptFailures(IntUnaryOperator shed, LongAdder failures) {
    this.shed = shed;
    this.failures = failures;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failures.increment();
    int cut = shed.applyAsInt(SHED);
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
