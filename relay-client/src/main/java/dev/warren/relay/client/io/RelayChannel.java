package dev.warren.relay.client.io;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.FrameReader;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.HttpHead;
import dev.warren.relay.client.wire.NodeIdCache;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.client.wire.WebSocketFrames;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection to a relay, from dialling to its end: TLS, upgrade, handshake, frames.
 *
 * <pre>
 * UPGRADING --101--> GREETING --0 challenge--> PROVING --2--> RELAYING
 *                       '-----------2----------------------------^
 * </pre>
 *
 * Anything unexpected closes the connection. Event loop only.
 */
public final class RelayChannel {
  /** Bytes that may wait in the connection: about one bandwidth-delay product; beyond it, drop. */
  private static final int HIGH_WATER = 2 * 1024 * 1024;

  private static final int LOW_WATER = 512 * 1024;

  /** Upstream's limit on one send (relay-protocol section A9). */
  private static final long STUCK_NANOS = 15_000_000_000L;

  /** Senders whose ids are remembered (relay-protocol section B9). */
  private static final int KNOWN_IDS = 128;

  /** What happens, on the event loop. */
  public interface Events {
    void connected();

    void pong();

    void received();

    void datagrams(NodeId source, ByteBuf data, int segmentSize);

    void readComplete();

    void gone(NodeId id);

    void closed(String cause);
  }

  private enum State {
    UPGRADING,
    GREETING,
    PROVING,
    RELAYING,
    CLOSED
  }

  private final RelayUrl url;
  private final SecretKey key;
  private final Events events;
  private final String websocketKey;
  private final SplittableRandom masks = new SplittableRandom(new SecureRandom().nextLong());
  private final byte[] pingBytes = new byte[8];
  private State state = State.UPGRADING;
  private @Nullable Channel channel;
  private boolean v2;
  private String cause = "the relay closed the connection";
  private long unwritableSince;
  private boolean dirty;
  private boolean failed;

  private RelayChannel(RelayUrl url, SecretKey key, Events events) {
    this.url = url;
    this.key = key;
    this.events = events;
    byte[] nonce = new byte[16];
    new SecureRandom().nextBytes(nonce);
    this.websocketKey = Base64.getEncoder().encodeToString(nonce);
  }

  /** Starts connecting. */
  public static RelayChannel open(
      EventLoop loop,
      InetSocketAddress target,
      RelayUrl url,
      SecretKey key,
      @Nullable SslContext tls,
      Events events) {
    RelayChannel relay = new RelayChannel(url, key, events);
    boolean epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    ChannelFuture connect =
        new Bootstrap()
            .group(loop)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 3000)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(LOW_WATER, HIGH_WATER))
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(4096, 65_536, 512 * 1024))
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel ch) {
                    if (tls != null) {
                      ch.pipeline().addLast(tls(tls, ch, url));
                    }
                    ch.pipeline().addLast(relay.new Reader());
                  }
                })
            .connect(target);
    relay.channel = connect.channel();
    connect.addListener(
        f -> {
          if (!f.isSuccess()) {
            relay.end("cannot connect to " + target + ": " + f.cause().getMessage());
          } else if (tls == null) {
            relay.upgrade();
          } else {
            connect
                .channel()
                .pipeline()
                .get(SslHandler.class)
                .handshakeFuture()
                .addListener(
                    h -> {
                      if (h.isSuccess()) {
                        relay.upgrade();
                      } else {
                        relay.end("TLS: " + h.cause().getMessage());
                        relay.close();
                      }
                    });
          }
        });
    return relay;
  }

  private static SslHandler tls(SslContext context, SocketChannel ch, RelayUrl url) {
    SSLEngine engine = context.newEngine(ch.alloc(), url.host(), url.port());
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    return new SslHandler(engine);
  }

  private void upgrade() {
    String host = url.uri().getHost() + (url.uri().getPort() >= 0 ? ":" + url.uri().getPort() : "");
    String query = url.uri().getRawQuery() == null ? "" : "?" + url.uri().getRawQuery();
    String request =
        "GET /relay"
            + query
            + " HTTP/1.1\r\n"
            + "Host: "
            + host
            + "\r\n"
            + "Connection: Upgrade\r\n"
            + "Upgrade: websocket\r\n"
            + "Sec-WebSocket-Key: "
            + websocketKey
            + "\r\n"
            + "Sec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Protocol: "
            + RelayFrames.SUBPROTOCOLS
            + "\r\n\r\n";
    channel.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
  }

  private void onUpgraded(HttpHead head) {
    String[] parts = head.start().split(" ", 3);
    String protocol = head.header("sec-websocket-protocol").orElse("");
    if (parts.length < 2 || !parts[1].equals("101")) {
      fail("the server answered \"" + head.start() + "\": not a relay");
    } else if (!Handshake.websocketAccept(websocketKey)
        .equals(head.header("sec-websocket-accept").orElse(""))) {
      fail("the server's WebSocket answer is wrong");
    } else if (!protocol.equals(RelayFrames.V2) && !protocol.equals(RelayFrames.V1)) {
      fail("the server speaks another relay protocol: \"" + protocol + "\"");
    } else {
      v2 = protocol.equals(RelayFrames.V2);
      state = State.GREETING;
    }
  }

  /** Reads the upgrade's answer first, frames afterwards. */
  private final class Reader extends FrameReader {
    private final NodeIdCache ids = new NodeIdCache(KNOWN_IDS);

    Reader() {
      super(false);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, java.util.List<Object> out) {
      if (state != State.UPGRADING) {
        super.decode(ctx, in, out);
        return;
      }
      HttpHead head = HttpHead.read(in);
      if (head != null) {
        onUpgraded(head);
      }
    }

    @Override
    protected void onFrame(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {
      if (failed) {
        return; // came in one read with what made us close
      }
      events.received();
      int type = buffer.getByte(at);
      switch (state) {
        case GREETING, PROVING -> onHandshake(type, buffer, at, length);
        case RELAYING -> onRelay(type, buffer, at, length);
        default -> {}
      }
    }

    private void onRelay(int type, ByteBuf buffer, int at, int length) {
      int header =
          type == RelayFrames.FROM_RELAY_BATCH
              ? RelayFrames.BATCH_HEADER
              : RelayFrames.SINGLE_HEADER;
      switch (type) {
        case RelayFrames.FROM_RELAY, RelayFrames.FROM_RELAY_BATCH -> {
          NodeId source = length >= header ? ids.get(buffer, at + 1) : null;
          if (source == null) {
            fail("malformed datagram frame");
          } else if (length > header) {
            int segment = header == RelayFrames.BATCH_HEADER ? buffer.getUnsignedShort(at + 34) : 0;
            events.datagrams(source, buffer.retainedSlice(at + header, length - header), segment);
          }
        }
        case RelayFrames.GONE -> {
          NodeId gone = length == 33 ? ids.get(buffer, at + 1) : null;
          if (gone == null) {
            fail("malformed gone frame");
          } else {
            events.gone(gone);
          }
        }
        case RelayFrames.PING -> {
          if (length == 9) {
            sendControl(RelayFrames.PONG, bytes(buffer, at + 1, 8));
          } else {
            fail("malformed ping");
          }
        }
        case RelayFrames.PONG -> {
          if (length != 9) {
            fail("malformed pong");
          } else if (Arrays.equals(pingBytes, bytes(buffer, at + 1, 8))) {
            events.pong();
          }
        }
        case RelayFrames.HEALTH -> {
          if (v2) {
            fail("a health frame in version 2");
          }
        }
        case RelayFrames.RESTARTING -> {
          if (length != 9) {
            fail("malformed restarting frame");
          }
        }
        case RelayFrames.STATUS -> {
          if (!v2 || length < 2) {
            fail("malformed status frame");
          }
        }
        default -> fail("unknown frame " + type);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
      super.channelReadComplete(ctx);
      events.readComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
      unwritableSince = ctx.channel().isWritable() ? 0 : System.nanoTime();
      super.channelWritabilityChanged(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      super.channelInactive(ctx);
      end(cause);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
      fail(String.valueOf(error.getMessage()));
    }
  }

  private void onHandshake(int type, ByteBuf buffer, int at, int length) {
    if (type == RelayFrames.CHALLENGE && state == State.GREETING && length == 17) {
      state = State.PROVING;
      sendFrame(Handshake.clientAuth(key, bytes(buffer, at + 1, Handshake.CHALLENGE)));
    } else if (type == RelayFrames.CONFIRMED) {
      state = State.RELAYING;
      events.connected();
    } else if (type == RelayFrames.DENIED) {
      int n = length > 1 ? Math.min(buffer.getUnsignedByte(at + 1), length - 2) : 0;
      String reason = n > 0 ? buffer.toString(at + 2, n, StandardCharsets.UTF_8) : "no reason";
      fail("the relay refused us: " + reason);
    } else {
      fail("unexpected frame " + type + " in the handshake");
    }
  }

  private static byte[] bytes(ByteBuf buffer, int at, int length) {
    byte[] copy = new byte[length];
    buffer.getBytes(at, copy);
    return copy;
  }

  // ---- sending ----

  /** Takes ownership; false if it was dropped. */
  public boolean send(NodeId to, ByteBuf data, int segmentSize) {
    int n = data.readableBytes();
    boolean batch = segmentSize > 0 && n > segmentSize;
    int header = batch ? RelayFrames.BATCH_HEADER : RelayFrames.SINGLE_HEADER;
    try {
      if (!channel.isWritable() || n == 0 || header + n > RelayFrames.MAX_FRAME) {
        return false;
      }
      int payload = header + n;
      int prefix = WebSocketFrames.unmaskedHeader(payload) + 4;
      ByteBuf frame = channel.alloc().directBuffer(prefix + payload);
      int mask = masks.nextInt();
      WebSocketFrames.setHeader(frame, 0, WebSocketFrames.BINARY, true, payload);
      frame.writerIndex(prefix - 4).writeInt(mask);
      frame.writeByte(batch ? RelayFrames.TO_RELAY_BATCH : RelayFrames.TO_RELAY);
      frame.writeBytes(to.toBytes()).writeByte(0);
      if (batch) {
        frame.writeShort(segmentSize);
      }
      frame.writeBytes(data);
      WebSocketFrames.mask(frame, prefix, payload, mask);
      channel.write(frame, channel.voidPromise());
      dirty = true;
      return true;
    } finally {
      data.release();
    }
  }

  public void flush() {
    if (dirty) {
      dirty = false;
      channel.flush();
    }
  }

  public void ping() {
    new SecureRandom().nextBytes(pingBytes);
    sendControl(RelayFrames.PING, pingBytes);
  }

  private void sendControl(int type, byte[] body) {
    byte[] frame = new byte[1 + body.length];
    frame[0] = (byte) type;
    System.arraycopy(body, 0, frame, 1, body.length);
    sendFrame(frame);
  }

  private void sendFrame(byte[] frame) {
    write(WebSocketFrames.BINARY, frame);
  }

  private ChannelFuture write(int opcode, byte[] payload) {
    int prefix = WebSocketFrames.unmaskedHeader(payload.length) + 4;
    ByteBuf out = channel.alloc().directBuffer(prefix + payload.length);
    int mask = masks.nextInt();
    WebSocketFrames.setHeader(out, 0, opcode, true, payload.length);
    out.writerIndex(prefix - 4).writeInt(mask).writeBytes(payload);
    WebSocketFrames.mask(out, prefix, payload.length, mask);
    return channel.writeAndFlush(out);
  }

  /** Whether the connection has taken nothing for 15 s. */
  public boolean stuck(long now) {
    return unwritableSince != 0 && now - unwritableSince > STUCK_NANOS;
  }

  // ---- end ----

  private void fail(String why) {
    failed = true;
    cause = why;
    close();
  }

  private void end(String why) {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      events.closed(why);
    }
  }

  /** A WebSocket Close, then the end. */
  public ChannelFuture goodbye() {
    if (state == State.RELAYING && channel.isActive()) {
      write(WebSocketFrames.CLOSE, new byte[] {3, (byte) 232});
    }
    state = State.CLOSED;
    return channel.close();
  }

  public void close() {
    if (channel != null) {
      channel.close();
    }
  }
}
