package dev.warren.relay.client.io;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.state.RelayHealth;
import dev.warren.relay.client.wire.Denial;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.NodeIdCache;
import dev.warren.relay.client.wire.RelayFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * The protocol since 0.91 (relay-protocol part A), in version 1 or 2.
 *
 * <pre>
 * GREETING --0 challenge--> PROVING --2--> RELAYING
 *    '---------------2----------------------^         3 anywhere before: denied
 * </pre>
 */
final class ModernDialect implements Dialect {
  private enum State {
    GREETING,
    PROVING,
    RELAYING
  }

  private final boolean v2;
  private final SecretKey key;
  private final FrameWriter out;
  private final Inbound in;
  private final NodeIdCache ids;
  private State state = State.GREETING;

  ModernDialect(boolean v2, SecretKey key, FrameWriter out, Inbound in, NodeIdCache ids) {
    this.v2 = v2;
    this.key = key;
    this.out = out;
    this.in = in;
    this.ids = ids;
  }

  @Override
  public void begin() {
    // The server speaks first.
  }

  @Override
  public void onFrame(ByteBuf buffer, int at, int length) {
    int type = buffer.getByte(at);
    if (state == State.RELAYING) {
      onRelayed(type, buffer, at, length);
    } else {
      onHandshake(type, buffer, at, length);
    }
  }

  private void onHandshake(int type, ByteBuf buffer, int at, int length) {
    if (type == RelayFrames.CHALLENGE
        && state == State.GREETING
        && length == 1 + Handshake.CHALLENGE) {
      state = State.PROVING;
      byte[] challenge = ByteBufUtil.getBytes(buffer, at + 1, Handshake.CHALLENGE);
      out.send(Handshake.clientAuth(key, challenge));
    } else if (type == RelayFrames.CONFIRMED) {
      state = State.RELAYING;
      in.authenticated();
    } else if (type == RelayFrames.DENIED) {
      in.denied(Denial.reason(ByteBufUtil.getBytes(buffer, at, length)));
    } else {
      in.violation("unexpected frame " + type + " in the handshake");
    }
  }

  private void onRelayed(int type, ByteBuf buffer, int at, int length) {
    switch (type) {
      case RelayFrames.FROM_RELAY -> onDatagrams(RelayFrames.SINGLE_HEADER, buffer, at, length);
      case RelayFrames.FROM_RELAY_BATCH ->
          onDatagrams(RelayFrames.BATCH_HEADER, buffer, at, length);
      case RelayFrames.GONE -> onGone(buffer, at, length);
      case RelayFrames.PING -> {
        if (sized(length, 9, type)) {
          out.answer(RelayFrames.PONG, ByteBufUtil.getBytes(buffer, at + 1, 8));
        }
      }
      case RelayFrames.PONG -> {
        if (sized(length, 9, type)) {
          in.pong(ByteBufUtil.getBytes(buffer, at + 1, 8));
        }
      }
      case RelayFrames.RESTARTING -> {
        if (sized(length, 9, type)) {
          in.restarting(buffer.getUnsignedInt(at + 1), buffer.getUnsignedInt(at + 5));
        }
      }
      case RelayFrames.HEALTH -> onHealth(buffer, at, length);
      case RelayFrames.STATUS -> onStatus(buffer, at, length);
      default -> in.violation("unknown frame " + type);
    }
  }

  private void onDatagrams(int header, ByteBuf buffer, int at, int length) {
    NodeId source = length >= header ? ids.get(buffer, at + 1) : null;
    if (source == null) {
      in.violation("malformed datagram frame");
    } else if (length > header) {
      int segment = header == RelayFrames.BATCH_HEADER ? buffer.getUnsignedShort(at + 34) : 0;
      in.datagrams(source, buffer.retainedSlice(at + header, length - header), segment);
    }
  }

  private void onGone(ByteBuf buffer, int at, int length) {
    NodeId gone = length == 1 + RelayFrames.ID ? ids.get(buffer, at + 1) : null;
    if (gone == null) {
      in.violation("malformed gone frame");
    } else {
      in.gone(gone);
    }
  }

  private void onHealth(ByteBuf buffer, int at, int length) {
    if (v2) {
      in.violation("a health frame in version 2");
    } else if (!ByteBufUtil.isText(buffer, at + 1, length - 1, StandardCharsets.UTF_8)) {
      in.violation("a health frame that is not UTF-8");
    } else {
      String text = Shown.line(buffer.toString(at + 1, length - 1, StandardCharsets.UTF_8));
      in.health(new RelayHealth(RelayHealth.Kind.OTHER, text));
    }
  }

  private void onStatus(ByteBuf buffer, int at, int length) {
    if (v2 && length >= 2) {
      in.health(RelayHealth.ofCode(buffer.getUnsignedByte(at + 1)));
    } else {
      in.violation(v2 ? "malformed status frame" : "a status frame in version 1");
    }
  }

  private boolean sized(int length, int wanted, int type) {
    if (length != wanted) {
      in.violation("frame " + type + " of " + length + " bytes");
    }
    return length == wanted;
  }

  @Override
  public boolean datagrams(NodeId to, ByteBuf data, int segmentSize) {
    int n = data.readableBytes();
    boolean batch = segmentSize > 0 && n > segmentSize;
    int length = n + (batch ? RelayFrames.BATCH_HEADER : RelayFrames.SINGLE_HEADER);
    if (n == 0 || length > RelayFrames.MAX_FRAME || segmentSize > 0xffff && batch) {
      return false;
    }
    ByteBuf frame = out.begin(length);
    frame.writeByte(batch ? RelayFrames.TO_RELAY_BATCH : RelayFrames.TO_RELAY);
    frame.writeBytes(to.toBytes()).writeByte(0);
    if (batch) {
      frame.writeShort(segmentSize);
    }
    frame.writeBytes(data, data.readerIndex(), n);
    out.finish(frame, length);
    return true;
  }

  @Override
  public void ping(byte[] body) {
    out.send(RelayFrames.PING, body);
  }
}
