package dev.warren.relay.client.io;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.state.RelayHealth;
import dev.warren.relay.client.wire.NodeIdCache;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiFunction;

/** A dialect without a network that notes what it makes of frames. */
final class RecordedFrames implements Dialect.Inbound, AutoCloseable {
  static final SecretKey KEY = SecretKey.ofBytes(new byte[32]);

  /** What came, in words. */
  final List<String> events = new ArrayList<>();

  final EmbeddedChannel channel = new EmbeddedChannel();
  final Dialect dialect;
  private boolean ended;

  private RecordedFrames(BiFunction<FrameWriter, Dialect.Inbound, Dialect> dialect) {
    this.dialect = dialect.apply(new FrameWriter(channel), this);
    this.dialect.begin();
  }

  static RecordedFrames modern(boolean v2) {
    return new RecordedFrames((out, in) -> new ModernDialect(v2, KEY, out, in, new NodeIdCache(4)));
  }

  static RecordedFrames legacy() {
    return new RecordedFrames((out, in) -> new LegacyDialect(KEY, out, in, new NodeIdCache(4)));
  }

  /** One frame, as a connection would hand it over: none after the end. */
  RecordedFrames read(byte[] frame) {
    if (!ended && frame.length > 0) {
      ByteBuf buffer = Unpooled.copiedBuffer(frame);
      dialect.onFrame(buffer, 0, frame.length);
      if (!buffer.release()) {
        throw new AssertionError("the frame is still held after " + events);
      }
    }
    return this;
  }

  boolean ended() {
    return ended;
  }

  @Override
  public void authenticated() {
    events.add("authenticated");
  }

  @Override
  public void denied(String reason) {
    events.add("denied " + reason);
    ended = true;
  }

  @Override
  public void datagrams(NodeId source, ByteBuf data, int segmentSize) {
    events.add("datagrams " + HexFormat.of().formatHex(ByteBufUtil.getBytes(data)));
    if (!data.isReadable()) {
      throw new AssertionError("an empty datagram");
    }
    data.release();
  }

  @Override
  public void gone(NodeId id) {
    events.add("gone");
  }

  @Override
  public void pong(byte[] body) {
    events.add("pong");
  }

  @Override
  public void health(RelayHealth health) {
    events.add("health " + health.text());
  }

  @Override
  public void restarting(long reconnectIn, long tryFor) {
    events.add("restarting " + reconnectIn + " " + tryFor);
  }

  @Override
  public void violation(String what) {
    events.add("violation");
    ended = true;
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
