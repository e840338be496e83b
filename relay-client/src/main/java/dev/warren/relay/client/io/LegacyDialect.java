package dev.warren.relay.client.io;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.state.RelayHealth;
import dev.warren.relay.client.wire.ClientInfo;
import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.NodeIdCache;
import dev.warren.relay.client.wire.PackedDatagrams;
import dev.warren.relay.client.wire.RelayFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * The protocol up to 0.90 over WebSocket (relay-protocol part B).
 *
 * <pre>
 * PROVING --anything but Health--> RELAYING
 * </pre>
 *
 * That generation says nothing to a client that it takes. A client of its own counts itself
 * connected as soon as it has written ClientInfo, and then learns that it is refused; ours sends a
 * ping behind it and waits for what comes back, which costs the round trip that the later
 * generations' challenge costs as well.
 */
final class LegacyDialect implements Dialect {
  private final SecretKey key;
  private final FrameWriter out;
  private final Inbound in;
  private final NodeIdCache ids;
  private boolean relaying;

  LegacyDialect(SecretKey key, FrameWriter out, Inbound in, NodeIdCache ids) {
    this.key = key;
    this.out = out;
    this.in = in;
    this.ids = ids;
  }

  @Override
  public void begin() {
    out.send(ClientInfo.encode(key));
    byte[] probe = new byte[8];
    new SecureRandom().nextBytes(probe);
    ping(probe);
  }

  @Override
  public void onFrame(ByteBuf buffer, int at, int length) {
    int type = buffer.getByte(at);
    switch (type) {
      case LegacyFrames.RECV_PACKET -> onPacket(buffer, at, length);
      case LegacyFrames.KEEP_ALIVE -> taken(length == 1, type);
      case LegacyFrames.GONE -> onGone(buffer, at, length);
      case LegacyFrames.PING -> {
        if (taken(length == 9, type)) {
          out.answer(LegacyFrames.PONG, ByteBufUtil.getBytes(buffer, at + 1, 8));
        }
      }
      case LegacyFrames.PONG -> {
        if (taken(length == 9, type)) {
          in.pong(ByteBufUtil.getBytes(buffer, at + 1, 8));
        }
      }
      case LegacyFrames.HEALTH -> onHealth(buffer, at, length);
      case LegacyFrames.RESTARTING -> {
        if (taken(length == 9, type)) {
          in.restarting(buffer.getUnsignedInt(at + 1), buffer.getUnsignedInt(at + 5));
        }
      }
      default -> in.violation("unexpected frame " + type);
    }
  }

  /** A frame that only those get whom the relay took. */
  private boolean taken(boolean wellFormed, int type) {
    if (!wellFormed) {
      in.violation("malformed frame " + type);
    } else if (!relaying) {
      relaying = true;
      in.authenticated();
    }
    return wellFormed;
  }

  private void onPacket(ByteBuf buffer, int at, int length) {
    NodeId source = length >= LegacyFrames.PACKET_HEADER ? ids.get(buffer, at + 1) : null;
    if (!taken(source != null, LegacyFrames.RECV_PACKET)) {
      return;
    }
    int end = at + length;
    int next = at + LegacyFrames.PACKET_HEADER;
    for (int n = PackedDatagrams.lengthAt(buffer, next, end);
        n != PackedDatagrams.END;
        n = PackedDatagrams.lengthAt(buffer, next, end)) {
      next += PackedDatagrams.PREFIX;
      if (n > 0) {
        in.datagrams(source, buffer.retainedSlice(next, n), 0);
      }
      next += n;
    }
  }

  private void onGone(ByteBuf buffer, int at, int length) {
    NodeId gone = length == 1 + RelayFrames.ID ? ids.get(buffer, at + 1) : null;
    if (taken(gone != null, LegacyFrames.GONE)) {
      in.gone(gone);
    }
  }

  private void onHealth(ByteBuf buffer, int at, int length) {
    if (!ByteBufUtil.isText(buffer, at + 1, length - 1, StandardCharsets.UTF_8)) {
      in.violation("a health frame that is not UTF-8");
      return;
    }
    String text = Shown.line(buffer.toString(at + 1, length - 1, StandardCharsets.UTF_8));
    if (text.equals(LegacyFrames.NOT_AUTHENTICATED)) {
      in.denied(text);
    } else if (relaying) {
      in.health(new RelayHealth(RelayHealth.Kind.OTHER, text));
    }
  }

  @Override
  public boolean datagrams(NodeId to, ByteBuf data, int segmentSize) {
    int n = data.readableBytes();
    int segment = segmentSize > 0 ? Math.min(segmentSize, n) : n;
    if (n == 0 || segment > PackedDatagrams.MAX_DATAGRAM) {
      return false;
    }
    int item = PackedDatagrams.PREFIX + segment;
    int perPacket = segment * (PackedDatagrams.MAX_PACKET / item);
    for (int from = 0; from < n; from += perPacket) {
      packet(to, data, data.readerIndex() + from, Math.min(perPacket, n - from), segment);
    }
    return true;
  }

  private void packet(NodeId to, ByteBuf data, int from, int n, int segment) {
    int items = (n + segment - 1) / segment;
    int length = LegacyFrames.PACKET_HEADER + items * PackedDatagrams.PREFIX + n;
    ByteBuf frame = out.begin(length).writeByte(LegacyFrames.SEND_PACKET).writeBytes(to.toBytes());
    for (int at = 0; at < n; at += segment) {
      PackedDatagrams.append(frame, data, from + at, Math.min(segment, n - at));
    }
    out.finish(frame, length);
  }

  @Override
  public void ping(byte[] body) {
    out.send(LegacyFrames.PING, body);
  }
}
