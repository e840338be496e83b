package dev.warren.dns.server.store.file;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Reads what the store needs of a whole packet (discovery section 4.1) without verifying it. */
final class PacketBytes {
  private static final int TIMESTAMP = NodeId.LENGTH + SignedPacket.SIGNATURE;

  private PacketBytes() {}

  static byte[] key(byte[] packet) {
    return Arrays.copyOf(packet, NodeId.LENGTH);
  }

  static long timestamp(byte[] packet) {
    return ByteBuffer.wrap(packet).getLong(TIMESTAMP);
  }

  /** The rule of discovery section 4.5, for two packets of one key. */
  static boolean isMoreRecent(byte[] one, byte[] other) {
    int order = Long.compareUnsigned(timestamp(one), timestamp(other));
    if (order == 0) {
      order =
          Arrays.compareUnsigned(
              one, SignedPacket.HEADER, one.length, other, SignedPacket.HEADER, other.length);
    }
    return order > 0;
  }

  static boolean isLength(int length) {
    return length >= SignedPacket.HEADER && length <= SignedPacket.MAX_LENGTH;
  }
}
