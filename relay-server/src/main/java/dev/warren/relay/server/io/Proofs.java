package dev.warren.relay.server.io;

import dev.warren.relay.server.io.Authentication.Verdict;
import dev.warren.serving.io.TlsTasks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the signatures of those who want in, beside the event loops: at a third of a millisecond
 * each, whoever sends wrong ones would else keep a relay from its clients for next to nothing. Any
 * thread.
 */
final class Proofs {
  private static final Logger LOG = LoggerFactory.getLogger(Proofs.class);

  /**
   * That wait to be checked: as many as connections may be established by default ({@code
   * RelayLimits.handshakes}), some seconds of one core.
   */
  static final int MOST = 16_384;

  private final Function<Channel, Executor> beside;
  private final IntSupplier waiting;

  Proofs(TlsTasks tasks) {
    this(tasks::of, tasks::waiting);
  }

  /**
   * @param beside where a connection's are checked; may leave out what has ended
   * @param waiting how many there are to be checked
   */
  Proofs(Function<Channel, Executor> beside, IntSupplier waiting) {
    this.beside = beside;
    this.waiting = waiting;
  }

  /**
   * Checks one.
   *
   * @param then is told on the connection's loop, if the connection is there by then
   * @return false if there are too many: it will not be checked
   */
  boolean check(ChannelHandlerContext ctx, Supplier<Verdict> proof, Consumer<Verdict> then) {
    if (waiting.getAsInt() >= MOST) {
      return false;
    }
    try {
      beside.apply(ctx.channel()).execute(() -> tell(ctx, verdict(proof), then));
      return true;
    } catch (RejectedExecutionException closing) {
      return false;
    }
  }

  private static Verdict verdict(Supplier<Verdict> proof) {
    try {
      return proof.get();
    } catch (RuntimeException e) {
      LOG.debug("a proof cannot be checked", e);
      return Verdict.MALFORMED;
    }
  }

  private static void tell(ChannelHandlerContext ctx, Verdict verdict, Consumer<Verdict> then) {
    if (ctx.executor().inEventLoop()) {
      then.accept(verdict);
      return;
    }
    try {
      ctx.executor().execute(() -> then.accept(verdict));
    } catch (RejectedExecutionException closing) {
      LOG.debug("relay is closing");
    }
  }
}
