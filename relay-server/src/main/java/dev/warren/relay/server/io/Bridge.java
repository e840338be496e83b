package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.PackedDatagrams;
import dev.warren.relay.client.wire.RelayFrames;
import io.netty.buffer.ByteBuf;

/**
 * Several datagrams from the one generation to the other (relay-protocol section C2): batches that
 * are cut every so many bytes there, packets with a length before each datagram here. Stateless;
 * event loop of the sender.
 */
final class Bridge {
  /** Before a payload: the longest header of any dialect. */
  private static final int ROOM = 16;

  /** Largest data of a batch: what fits into a frame (section A7). */
  private static final int MAX_BATCH = RelayFrames.MAX_FRAME - RelayFrames.BATCH_HEADER;

  /**
   * Frames that are made of one packet; a queue holds no more. Lengths that go up and down would
   * otherwise make twenty thousand of 64 KiB.
   */
  static final int MAX_FRAMES = 512;

  private Bridge() {}

  /** Modern to legacy: a batch as packets. */
  static void pack(
      Forwarder out, RelayClientConnection target, ByteBuf from, int at, int length, int segment) {
    int end = at + length;
    while (at < end) {
      int size = 0;
      int next = at;
      while (next < end) {
        int more = PackedDatagrams.sizeWith(size, Math.min(segment, end - next));
        if (more > PackedDatagrams.MAX_PACKET) {
          break;
        }
        size = more;
        next += Math.min(segment, end - next);
      }
      int payload = RelayFrames.ID + size;
      ByteBuf packet = out.allocate(ROOM + payload);
      packet.writerIndex(ROOM + RelayFrames.ID);
      for (; at < next; at += segment) {
        PackedDatagrams.append(packet, from, at, Math.min(segment, next - at));
      }
      at = next;
      out.finish(target, LegacyFrames.RECV_PACKET, packet, ROOM, payload);
    }
  }

  /**
   * Legacy to modern: datagrams of one length, and a shorter one behind them, make a batch. A
   * packet is forwarded as far as it can be read.
   *
   * @return datagrams that were dropped
   */
  static int unpack(Forwarder out, RelayClientConnection target, ByteBuf packet, int at, int end) {
    int dropped = 0;
    int frames = 0;
    int length = PackedDatagrams.lengthAt(packet, at, end);
    while (length != PackedDatagrams.END) {
      int next = at + PackedDatagrams.PREFIX + length;
      if (length > PackedDatagrams.MAX_DATAGRAM || length > 0 && frames == MAX_FRAMES) {
        dropped++;
      } else if (length > 0) {
        int count = run(packet, at, end, length);
        next = send(out, target, packet, at, length, count);
        frames++;
      }
      at = next;
      length = PackedDatagrams.lengthAt(packet, at, end);
    }
    return dropped;
  }

  /** Datagrams from {@code at} that fit into one batch of this segment size. */
  private static int run(ByteBuf packet, int at, int end, int segment) {
    int total = 0;
    int count = 0;
    int length = segment;
    while (length > 0 && length <= segment && (count == 0 || total + length <= MAX_BATCH)) {
      total += length;
      count++;
      at += PackedDatagrams.PREFIX + length;
      if (length < segment) {
        break;
      }
      length = PackedDatagrams.lengthAt(packet, at, end);
    }
    return count;
  }

  /** Sends one run; returns where the next datagram is. */
  private static int send(
      Forwarder out, RelayClientConnection target, ByteBuf packet, int at, int segment, int count) {
    boolean batch = count > 1;
    int head = RelayFrames.ID + (batch ? 3 : 1);
    ByteBuf frame = out.allocate(ROOM + head + count * segment);
    frame.writerIndex(ROOM + RelayFrames.ID).writeByte(0); // no ecn
    if (batch) {
      frame.writeShort(segment);
    }
    for (int i = 0; i < count; i++) {
      int length = packet.getUnsignedShortLE(at);
      frame.writeBytes(packet, at + PackedDatagrams.PREFIX, length);
      at += PackedDatagrams.PREFIX + length;
    }
    int type = batch ? RelayFrames.FROM_RELAY_BATCH : RelayFrames.FROM_RELAY;
    out.finish(target, type, frame, ROOM, frame.writerIndex() - ROOM);
    return at;
  }
}
