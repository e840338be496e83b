package dev.warren.relay.client.io;

import dev.warren.relay.client.logic.HappyEyeballs;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection to whichever address of a host answers first, dialled as {@link HappyEyeballs}
 * says. The winner does not read until it is told to; the others are closed. Event loop only.
 */
final class TcpRace {
  /** How the race ended; one of these, once, unless it was cancelled. */
  interface Outcome {
    void won(Channel channel);

    /** Each address with what became of it. */
    void lost(String tried);
  }

  /** Limit of one attempt (relay-protocol section A1). */
  private static final int ATTEMPT_MS = 1500;

  /** Bytes that may wait in the connection: about one bandwidth-delay product; beyond it, drop. */
  private static final int HIGH_WATER = 2 * 1024 * 1024;

  private static final int LOW_WATER = 512 * 1024;

  private final EventLoop loop;
  private final List<InetSocketAddress> addresses;
  private final Outcome outcome;
  private final HappyEyeballs eyeballs;
  private final List<Channel> running = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private @Nullable ScheduledFuture<?> timer;
  private boolean over;

  TcpRace(EventLoop loop, List<InetSocketAddress> addresses, Outcome outcome) {
    this.loop = loop;
    this.addresses = addresses;
    this.outcome = outcome;
    this.eyeballs = new HappyEyeballs(addresses.size());
  }

  void step() {
    if (over) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    OptionalInt next = eyeballs.poll(System.nanoTime());
    while (!over && next.isPresent()) {
      dial(addresses.get(next.getAsInt()));
      next = eyeballs.poll(System.nanoTime());
    }
    if (over) {
      return;
    }
    if (eyeballs.exhausted()) {
      over = true;
      outcome.lost(String.join(", ", failures));
    } else if (eyeballs.due() != HappyEyeballs.NEVER) {
      long in = Math.max(0, eyeballs.due() - System.nanoTime());
      timer = loop.schedule(this::step, in, TimeUnit.NANOSECONDS);
    }
  }

  private void dial(InetSocketAddress target) {
    boolean epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    ChannelFuture connect =
        new Bootstrap()
            .group(loop)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, ATTEMPT_MS)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(LOW_WATER, HIGH_WATER))
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(4096, 65_536, 512 * 1024))
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    // Nothing until it has won.
                  }
                })
            .connect(target);
    running.add(connect.channel());
    connect.addListener(f -> ended(connect.channel(), target, f.cause()));
  }

  private void ended(Channel channel, InetSocketAddress target, @Nullable Throwable failure) {
    running.remove(channel);
    if (over) {
      channel.close();
    } else if (failure == null) {
      cancel();
      outcome.won(channel);
    } else {
      failures.add(shown(target) + " (" + reason(failure) + ")");
      eyeballs.onFailed(System.nanoTime());
      step();
    }
  }

  /** An address without the name that it was found by. */
  static String shown(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress ip)) {
      return "an unknown address";
    }
    String host = ip.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + ip.getPort();
  }

  private static String reason(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof ConnectTimeoutException) {
      return "no answer within " + ATTEMPT_MS / 1000.0 + " s";
    }
    if (failure instanceof NoRouteToHostException || message.contains("unreachable")) {
      return "no route";
    }
    return message.contains("refused") ? "refused" : message;
  }

  /** What was tried so far and what still runs, for a dial that is given up. */
  String progress() {
    List<String> all = new ArrayList<>(failures);
    if (!over) {
      all.add(running.size() + " still without an answer");
    }
    return String.join(", ", all);
  }

  /** Ends what still runs; the winner is not touched. */
  void cancel() {
    over = true;
    if (timer != null) {
      timer.cancel(false);
    }
    List.copyOf(running).forEach(Channel::close);
  }
}
