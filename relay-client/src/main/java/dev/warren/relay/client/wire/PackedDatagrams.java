package dev.warren.relay.client.wire;

import io.netty.buffer.ByteBuf;

/**
 * How endpoints up to 0.90 put several datagrams into one packet of a relay (relay-protocol section
 * B6). To relays of that time the packet was opaque.
 *
 * <pre>
 * { length[2, little-endian] datagram[length] } *
 * </pre>
 *
 * <p>What follows a length that runs past the end is thrown away, as upstream does. Stateless.
 */
public final class PackedDatagrams {
  /** Bytes of a length. */
  public static final int PREFIX = 2;

  /** Longest packet that is made: a frame's 65,536 bytes less the id. */
  public static final int MAX_PACKET = 65_536 - RelayFrames.ID;

  /** Longest datagram that fits into a packet alone. */
  public static final int MAX_DATAGRAM = MAX_PACKET - PREFIX;

  /** {@link #lengthAt} where no more datagram is. */
  public static final int END = -1;

  private PackedDatagrams() {}

  /**
   * Length of the datagram whose prefix is at {@code at}, or {@link #END} if no whole one is before
   * {@code end}. It may be 0. The next prefix is at {@code at + PREFIX + length}.
   */
  public static int lengthAt(ByteBuf packet, int at, int end) {
    if (end - at < PREFIX) {
      return END;
    }
    int length = packet.getUnsignedShortLE(at);
    return length <= end - at - PREFIX ? length : END;
  }

  /** Bytes of a packet after one more datagram was added. */
  public static int sizeWith(int packet, int datagram) {
    return packet + PREFIX + datagram;
  }

  /**
   * Appends one datagram, {@code length} bytes at {@code at} of {@code from}. Whether the packet
   * stays within {@link #MAX_PACKET} is for the caller to check by {@link #sizeWith}.
   */
  public static void append(ByteBuf packet, ByteBuf from, int at, int length) {
    packet.writeShortLE(length).writeBytes(from, at, length);
  }
}
