package dev.warren.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The limit for a relay on this machine: joins each two connections and copies bytes between them,
 * knowing nothing of frames. Sockets, event loops and TLS provider are those of the relay.
 */
final class Forwarder implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          Math.max(1, Runtime.getRuntime().availableProcessors() / 2), EpollIoHandler.newFactory());
  private final Channel server;
  private final boolean tls;
  private Channel waiting;

  Forwarder(SslContext tls) throws InterruptedException {
    this.tls = tls != null;
    server =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel ch) {
                    if (tls != null) {
                      ch.pipeline().addLast(tls.newHandler(ch.alloc()));
                    }
                    End end = new End();
                    ch.pipeline().addLast(end);
                    join(ch, end);
                  }
                })
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
  }

  String url() {
    int port = ((InetSocketAddress) server.localAddress()).getPort();
    return (tls ? "https" : "http") + "://127.0.0.1:" + port + "/";
  }

  private synchronized void join(Channel one, End end) {
    Channel other = waiting;
    if (other == null) {
      waiting = one;
      return;
    }
    waiting = null;
    end.other = other;
    other.pipeline().get(End.class).other = one;
    one.config().setAutoRead(true);
    other.config().setAutoRead(true);
  }

  private static final class End extends ChannelInboundHandlerAdapter {
    private volatile Channel other;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      other.write(message, other.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (other != null) {
        other.flush();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (other != null) {
        other.config().setAutoRead(ctx.channel().isWritable());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (other != null) {
        other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  @Override
  public void close() throws InterruptedException {
    server.close().sync();
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
  }
}
