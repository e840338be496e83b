package dev.warren.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.SocketAddrs;
import dev.warren.core.netty.NettyConnection;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams in the hands of Netty handlers, also those that came before the handler. */
class NettyConnectionTest {
  private static final Alpn ALPN = Alpn.of("netty/1");

  private Endpoint server;
  private Endpoint client;
  private Connection accepted;
  private Connection dialled;

  @BeforeEach
  void connect() throws Exception {
    server = Endpoint.builder().alpns(ALPN).bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
    client = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
    CompletableFuture<Connection> incoming = new CompletableFuture<>();
    Router router =
        Router.builder(server)
            .accept(
                ALPN,
                ProtocolHandler.asynchronous(
                    c -> {
                      incoming.complete(c);
                      return c.closed();
                    }))
            .spawn();
    dialled = client.connect(server.addr(), ALPN);
    accepted = incoming.get(5, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  /** Collects what a stream brings, and answers with it at the end. */
  private static final class Collector extends ChannelInboundHandlerAdapter {
    private final ConcurrentLinkedQueue<String> whole;
    private final StringBuilder text = new StringBuilder();

    Collector(ConcurrentLinkedQueue<String> whole) {
      this.whole = whole;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      QuicStreamFrame frame = (QuicStreamFrame) msg;
      text.append(frame.content().toString(US_ASCII));
      boolean fin = frame.hasFin();
      frame.release();
      if (fin) {
        whole.add(text.toString());
        ByteBuf answer = Unpooled.copiedBuffer(text, US_ASCII);
        ctx.writeAndFlush(new DefaultQuicStreamFrame(answer, true));
      } else {
        ctx.read();
      }
    }
  }

  @Test
  void streamsThatWaitedAndStreamsThatComeGoToTheHandler() throws Exception {
    BiStream[] streams = new BiStream[5];
    for (int i = 0; i < 4; i++) {
      streams[i] = dialled.openBi();
      streams[i].send().write(("stream " + i).getBytes(US_ASCII));
      if (i != 2) {
        streams[i].send().finish();
      }
    }
    // In order of arrival: when the first is here the rest is on its way, and some wait.
    accepted.acceptBi().recv().readAll(100);
    ConcurrentLinkedQueue<String> whole = new ConcurrentLinkedQueue<>();
    NettyConnection.accept(
        accepted,
        new ChannelInitializer<QuicStreamChannel>() {
          @Override
          protected void initChannel(QuicStreamChannel stream) {
            stream.pipeline().addLast(new Collector(whole));
          }
        });
    streams[4] = dialled.openBi();
    streams[4].send().write("stream 4".getBytes(US_ASCII));
    streams[4].send().finish();
    streams[2].send().write(" and more".getBytes(US_ASCII));
    streams[2].send().finish();
    Await.until(Duration.ofSeconds(5), () -> whole.size() == 4);
    assertThat(whole)
        .containsExactlyInAnyOrder("stream 1", "stream 2 and more", "stream 3", "stream 4");
    for (int i = 1; i < 5; i++) {
      assertThat(new String(streams[i].recv().readAll(100), US_ASCII)).startsWith("stream " + i);
    }
  }

  @Test
  void aHandlerOpensAStream() throws Exception {
    CompletableFuture<Void> served =
        CompletableFuture.runAsync(
            () -> {
              try {
                BiStream stream = accepted.acceptBi();
                byte[] all = stream.recv().readAll(100);
                stream.send().write(all);
                stream.send().finish();
              } catch (Exception e) {
                throw new java.util.concurrent.CompletionException(e);
              }
            });
    ConcurrentLinkedQueue<String> whole = new ConcurrentLinkedQueue<>();
    QuicStreamChannel stream =
        NettyConnection.open(dialled, true, new Collector(whole)).get(5, TimeUnit.SECONDS);
    stream
        .writeAndFlush(new DefaultQuicStreamFrame(Unpooled.copiedBuffer("hi", US_ASCII), true))
        .sync();
    served.get(5, TimeUnit.SECONDS);
    Await.until(Duration.ofSeconds(5), () -> whole.contains("hi"));
  }

  @Test
  void oneHandlerForManyStreamsMustBeSharable() {
    assertThatThrownBy(() -> NettyConnection.accept(accepted, new ChannelInboundHandlerAdapter()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
