package dev.warren.relay.server.io;

import dev.warren.relay.server.logic.Liveness;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Pings one client when it is silent, and knows when it is gone. One timer. Event loop only. */
final class Heartbeat {
  /**
   * Pings of all clients go out on these beats, so that the event loop is woken for many at once
   * and finds their pongs together too: with 10,000 idle clients that is most of its work.
   */
  private static final long TICK = 250_000_000;

  /** What a heartbeat needs of its connection. */
  interface Client {
    /** Whether it is we who do not read. */
    boolean isHeldBack();

    void ping(byte[] body);

    /** A ping was not answered. */
    void onSilent();
  }

  private final ChannelHandlerContext ctx;
  private final Client client;
  private final Liveness liveness;
  private @Nullable Future<?> timer;
  private long body;

  Heartbeat(ChannelHandlerContext ctx, Client client) {
    this.ctx = ctx;
    this.client = client;
    liveness = new Liveness(now(), ThreadLocalRandom.current().nextDouble());
    schedule();
  }

  private long now() {
    return ctx.executor().ticker().nanoTime();
  }

  /** Any frame has come. */
  void onReceived() {
    liveness.onReceived(now());
  }

  void onPong(long echoed) {
    if (echoed == body) {
      liveness.onPong();
    }
  }

  private void schedule() {
    long tick = (Math.floorDiv(liveness.due(), TICK) + 1) * TICK;
    timer = ctx.executor().schedule(this::onTimer, tick - now(), TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    if (client.isHeldBack()) {
      liveness.onReceived(now());
    }
    switch (liveness.check(now())) {
      case PING -> {
        body = ThreadLocalRandom.current().nextLong();
        client.ping(ByteBuffer.allocate(Long.BYTES).putLong(body).array());
        schedule();
      }
      case GIVE_UP -> client.onSilent();
      case NONE -> schedule();
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
