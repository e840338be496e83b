package dev.warren.base.stun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Writes one STUN message. Not thread-safe. */
public final class StunWriter {
  private static final int LONGEST = 1280;

  private final ByteBuffer out = ByteBuffer.allocate(LONGEST);
  private final byte[] xor;

  /**
   * @param type as {@link StunMessage#type}
   * @param transaction 12 bytes
   */
  public StunWriter(int type, byte[] transaction) {
    if (transaction.length != StunMessage.TRANSACTION || type >>> 14 != 0) {
      throw new IllegalArgumentException("a STUN transaction has 12 bytes, a type 14 bits");
    }
    out.putShort((short) type).putShort((short) 0).putInt(StunMessage.COOKIE).put(transaction);
    xor = Arrays.copyOfRange(out.array(), 4, StunMessage.HEADER);
  }

  /**
   * Adds an attribute and its padding.
   *
   * @throws IllegalArgumentException if the message would be longer than 1280 bytes, which every
   *     path carries
   */
  public StunWriter attribute(int type, byte[] value) {
    int padded = value.length + 3 & ~3;
    if (4 + padded > out.remaining()) {
      throw new IllegalArgumentException("a STUN message has at most " + LONGEST + " bytes");
    }
    out.putShort((short) type).putShort((short) value.length).put(value);
    out.put(new byte[padded - value.length]);
    return this;
  }

  /** Adds XOR-MAPPED-ADDRESS (RFC 8489 section 14.2). */
  public StunWriter xorMappedAddress(InetSocketAddress address) {
    byte[] ip = canonical(address.getAddress());
    byte[] value = new byte[4 + ip.length];
    value[1] = (byte) (ip.length == 4 ? 1 : 2);
    value[2] = (byte) (address.getPort() >> 8 ^ xor[0]);
    value[3] = (byte) (address.getPort() ^ xor[1]);
    for (int i = 0; i < ip.length; i++) {
      value[4 + i] = (byte) (ip[i] ^ xor[i]);
    }
    return attribute(StunAttribute.XOR_MAPPED_ADDRESS, value);
  }

  /** The JDK makes IPv4 of a mapped address, unless it was made by {@code Inet6Address}. */
  private static byte[] canonical(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress()).getAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** The message. */
  public byte[] bytes() {
    out.putShort(2, (short) (out.position() - StunMessage.HEADER));
    return Arrays.copyOf(out.array(), out.position());
  }

  /** The message with a FINGERPRINT at its end (RFC 8489 section 14.7). */
  public byte[] fingerprint() {
    int length = out.position();
    out.putShort(2, (short) (length + 8 - StunMessage.HEADER));
    CRC32 crc = new CRC32();
    crc.update(out.array(), 0, length);
    int value = (int) crc.getValue() ^ StunMessage.FINGERPRINT_XOR;
    attribute(StunAttribute.FINGERPRINT, ByteBuffer.allocate(4).putInt(value).array());
    return bytes();
  }
}
