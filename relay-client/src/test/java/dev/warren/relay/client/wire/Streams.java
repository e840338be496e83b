package dev.warren.relay.client.wire;

import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Byte streams of the relay protocol, valid and not, and a reader that notes what it takes. */
final class Streams {
  /** The most that reading one hostile stream of a megabyte may allocate. */
  static final long MEMORY = 32 << 20;

  private static final int MASK = 0x7f3a00ff;

  private Streams() {}

  /** What came out of a reader: the frames, and whether the connection was ended. */
  record Outcome(List<byte[]> frames, boolean ended) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Outcome other
          && ended == other.ended
          && Arrays.deepEquals(frames.toArray(), other.frames.toArray());
    }

    @Override
    public int hashCode() {
      return frames.size();
    }
  }

  private static final class Recorder extends FrameReader {
    final List<byte[]> frames = new ArrayList<>();
    boolean ended;

    Recorder(boolean masked) {
      super(masked);
    }

    @Override
    protected void onFrame(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {
      byte[] frame = new byte[length];
      buffer.getBytes(at, frame);
      frames.add(frame);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // The documented violations are decoder exceptions of Netty; a bug is wrapped in one.
      if (cause.getCause() != null) {
        throw new AssertionError(cause);
      }
      ended = true;
      endConnection(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      ended = true;
      super.channelInactive(ctx);
    }
  }

  /** Feeds a stream in pieces of the given size to a reader, as TCP might. */
  static Outcome read(boolean masked, byte[] stream, int piece) {
    Recorder reader = new Recorder(masked);
    EmbeddedChannel channel = new EmbeddedChannel(reader);
    List<ByteBuf> pieces = new ArrayList<>();
    for (int at = 0; at < stream.length && channel.isOpen(); at += piece) {
      byte[] bytes = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + piece));
      pieces.add(Unpooled.wrappedBuffer(bytes));
      channel.writeInbound(pieces.get(pieces.size() - 1));
    }
    boolean ended = reader.ended || !channel.isOpen();
    channel.finishAndReleaseAll();
    for (ByteBuf buffer : pieces) {
      if (buffer.refCnt() != 0) {
        throw new AssertionError("a buffer was not released");
      }
    }
    return new Outcome(reader.frames, ended);
  }

  static byte[] message(int opcode, boolean masked, byte[] payload) {
    int header = WebSocketFrames.unmaskedHeader(payload.length);
    int start = masked ? header + 4 : header;
    ByteBuf out = Unpooled.buffer(start + payload.length);
    WebSocketFrames.setHeader(out, 0, opcode, masked, payload.length);
    out.writerIndex(header);
    if (masked) {
      out.writeInt(MASK);
    }
    out.writeBytes(payload);
    if (masked) {
      WebSocketFrames.mask(out, start, payload.length, MASK);
    }
    return Arrays.copyOf(out.array(), out.writerIndex());
  }

  static byte[] concat(List<byte[]> parts) {
    byte[] all = new byte[parts.stream().mapToInt(p -> p.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** Relay frames of every length that the WebSocket header writes differently. */
  static Arbitrary<List<byte[]>> frames() {
    Arbitrary<Integer> length =
        Arbitraries.oneOf(
            Arbitraries.integers().between(1, 200),
            Arbitraries.of(
                125, 126, 127, 65_535, RelayFrames.MAX_FRAME, RelayFrames.MAX_FRAME + 1));
    return Combinators.combine(length, Arbitraries.bytes())
        .as(
            (n, filler) -> {
              byte[] frame = new byte[n];
              Arrays.fill(frame, filler);
              return frame;
            })
        .list()
        .ofMaxSize(4)
        .withoutEdgeCases();
  }

  static Arbitrary<byte[]> hostile() {
    byte[] ping = {9, 1, 2, 3, 4, 5, 6, 7, 8};
    return HostileInput.bytes(
        concat(
            List.of(
                message(WebSocketFrames.BINARY, true, ping),
                message(WebSocketFrames.BINARY, true, new byte[300]),
                message(WebSocketFrames.CLOSE, true, new byte[] {3, (byte) 232}))),
        concat(
            List.of(
                message(WebSocketFrames.TEXT, false, new byte[126]),
                message(WebSocketFrames.BINARY, false, ping),
                message(WebSocketFrames.PING, false, ping))),
        // A header that announces 2^63 bytes.
        new byte[] {(byte) 0x82, 127, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0});
  }

  static Arbitrary<byte[]> heads() {
    return HostileInput.bytes(
        ascii(
            "GET /relay HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Protocol: iroh-relay-v2, iroh-relay-v1\r\n\r\n"),
        ascii(
            "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: x\r\n"
                + "sec-websocket-protocol: iroh-relay-v2\r\n\r\nrest"),
        ascii("\r\n\r\n"),
        ascii("x".repeat(300)));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
