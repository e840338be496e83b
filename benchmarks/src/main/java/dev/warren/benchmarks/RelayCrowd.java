package dev.warren.benchmarks;

import dev.warren.base.SecretKey;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Many clients of one relay that prove an id, answer pings and do nothing else. */
final class RelayCrowd implements AutoCloseable {
  /** In which all have to be let in. */
  private static final int LIMIT_SECONDS = 120;

  private static final int REDIAL_MILLIS = 500;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final URI relay;
  private final SslContext tls;
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger redials = new AtomicInteger();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private volatile boolean closing;

  RelayCrowd(String url) throws Exception {
    relay = URI.create(url);
    tls =
        relay.getScheme().equals("https")
            ? SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm("")
                .build()
            : null;
  }

  /**
   * Connects that many more.
   *
   * @param atOnce how many may be under way
   * @return the milliseconds until the last was let in
   */
  double connect(int count, int atOnce) throws Exception {
    SecretKey[] keys = new SecretKey[count];
    for (int i = 0; i < count; i++) {
      keys[i] = SecretKey.generate();
    }
    CountDownLatch served = new CountDownLatch(count);
    Semaphore underWay = new Semaphore(atOnce);
    long start = System.nanoTime();
    for (SecretKey key : keys) {
      underWay.acquire();
      dial(
          key,
          () -> {
            served.countDown();
            underWay.release();
          });
    }
    if (!served.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          served.getCount()
              + " clients were not let in within "
              + LIMIT_SECONDS
              + " s; the first failure: "
              + failure.get());
    }
    return (System.nanoTime() - start) / 1e6;
  }

  private void dial(SecretKey key, Runnable letIn) {
    new Bootstrap()
        .group(group)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel ch) {
                if (tls != null) {
                  SslHandler handler = tls.newHandler(ch.alloc());
                  // Netty's 10 s would end what is only slow, on a machine with other work.
                  handler.setHandshakeTimeout(LIMIT_SECONDS, TimeUnit.SECONDS);
                  ch.pipeline().addLast(handler);
                }
                ch.pipeline().addLast(new Member(key, letIn));
              }
            })
        .connect(relay.getHost(), relay.getPort())
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                again(key, letIn, connected.cause().toString());
              }
            });
  }

  /** As clients do: a relay may cut who is slow, and these share a core. */
  private void again(SecretKey key, Runnable letIn, String why) {
    failure.compareAndSet(null, why);
    if (!closing) {
      redials.incrementAndGet();
      group.schedule(() -> dial(key, letIn), REDIAL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Times that a client had to dial once more until it was let in. */
  int redials() {
    return redials.get();
  }

  /** Connections that ended though nobody asked. */
  int lost() {
    return lost.get();
  }

  private final class Member extends ByteToMessageDecoder {
    private final SecretKey key;
    private final Runnable letIn;
    private boolean upgraded;
    private boolean in;

    Member(SecretKey key, Runnable letIn) {
      this.key = key;
      this.letIn = letIn;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(RelayWire.upgrade(relay.getAuthority())));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) {
      if (!upgraded) {
        int end = ByteBufUtil.indexOf(Unpooled.wrappedBuffer("\r\n\r\n".getBytes()), bytes);
        if (end < 0) {
          return;
        }
        bytes.readerIndex(end + 4);
        upgraded = true;
      }
      int n = bytes.readableBytes();
      if (n < 2 || n < 2 + bytes.getByte(bytes.readerIndex() + 1)) {
        return;
      }
      byte[] frame = new byte[bytes.skipBytes(1).readByte()];
      bytes.readBytes(frame);
      byte[] rest = new byte[Math.max(0, frame.length - 1)];
      System.arraycopy(frame, 1, rest, 0, rest.length);
      switch (frame[0]) {
        case RelayWire.CHALLENGE ->
            ctx.writeAndFlush(Unpooled.wrappedBuffer(RelayWire.clientAuth(key, rest)));
        case RelayWire.CONFIRMED -> {
          in = true;
          letIn.run();
        }
        case RelayWire.PING -> ctx.writeAndFlush(Unpooled.wrappedBuffer(RelayWire.pong(rest)));
        default -> ctx.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (!in) {
        again(key, letIn, "cut before it was let in");
      } else if (!closing) {
        lost.incrementAndGet();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure.compareAndSet(null, cause.toString());
      ctx.close();
    }
  }

  @Override
  public void close() throws InterruptedException {
    closing = true;
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }
}
