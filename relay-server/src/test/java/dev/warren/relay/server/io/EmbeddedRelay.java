package dev.warren.relay.server.io;

import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.WebSocketFrames;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.relay.server.logic.HttpServices;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A relay without sockets: each client is an embedded channel. One thread. */
final class EmbeddedRelay implements AutoCloseable {
  static final String REQUEST =
      "GET /relay HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Protocol: iroh-relay-v2, iroh-relay-v1\r\n\r\n";

  /** Bytes of a challenge message: header, type, challenge. */
  private static final int CHALLENGE = 2 + 1 + Handshake.CHALLENGE;

  final DataPlane plane;
  final RelayCounters counters;
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  /** A connection whose socket can be made to take nothing. */
  static final class Socket extends EmbeddedChannel {
    boolean full;

    Socket(ChannelHandler handler) {
      super(handler);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (!full) {
        super.doWrite(in);
      }
    }
  }

  EmbeddedRelay() {
    this(AccessControl.everyone(), RelayLimits.defaults());
  }

  EmbeddedRelay(AccessControl access, RelayLimits limits) {
    this(access, limits, new Proofs(channel -> Runnable::run, () -> 0));
  }

  EmbeddedRelay(AccessControl access, RelayLimits limits, Proofs proofs) {
    plane = new DataPlane(access, limits, true, proofs);
    counters = plane.counters();
  }

  /** The HTTP side of a relay with the usual limits. */
  private HttpFront front() {
    return new HttpFront(
        new HttpFront.Options(
            new HttpServices(false, "test", () -> false),
            new DialectUpgrade(plane),
            List.of(),
            () -> Duration.ofSeconds(30),
            new ServiceCounters()));
  }

  /** A connection on which nothing has been sent. Its time stands still. */
  Socket connect() {
    Socket channel = new Socket(front());
    channel.freezeTime();
    plane.accepted(channel, InetAddress.getLoopbackAddress(), false);
    channels.add(channel);
    return channel;
  }

  /** A connection that has proved its id; what the relay has said until then is read. */
  Socket authenticated(SecretKey key) {
    Socket channel = connect();
    write(channel, REQUEST.getBytes(StandardCharsets.US_ASCII));
    byte[] greeting = read(channel);
    byte[] challenge =
        Arrays.copyOfRange(greeting, greeting.length - CHALLENGE + 3, greeting.length);
    write(channel, message(Handshake.clientAuth(key, challenge)));
    if (read(channel).length != 3) {
      throw new AssertionError("not confirmed");
    }
    return channel;
  }

  static void write(EmbeddedChannel channel, byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  /** All that the relay has written since the last read. */
  static byte[] read(EmbeddedChannel channel) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      byte[] bytes = new byte[out.readableBytes()];
      out.readBytes(bytes);
      all.writeBytes(bytes);
      out.release();
    }
    return all.toByteArray();
  }

  /** A masked binary message, the mask being zero. */
  static byte[] message(byte[] frame) {
    int header = WebSocketFrames.unmaskedHeader(frame.length);
    ByteBuf out = Unpooled.buffer(header + 4 + frame.length);
    WebSocketFrames.setHeader(out, 0, WebSocketFrames.BINARY, true, frame.length);
    return Arrays.copyOf(
        out.writerIndex(header).writeInt(0).writeBytes(frame).array(), out.writerIndex());
  }

  @Override
  public void close() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
  }
}
