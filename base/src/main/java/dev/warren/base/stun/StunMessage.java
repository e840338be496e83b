package dev.warren.base.stun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A STUN message (RFC 8489 section 5). The arrays are not copied and must not be changed.
 *
 * @param type class and method together, unsigned 14 bits
 * @param transaction 12 bytes
 * @param attributes in the order of the message, at most {@link #MAX_ATTRIBUTES}
 */
public record StunMessage(int type, byte[] transaction, List<StunAttribute> attributes) {
  public static final int BINDING_REQUEST = 0x0001;
  public static final int BINDING_SUCCESS = 0x0101;
  public static final int BINDING_ERROR = 0x0111;

  /** The bytes 4 to 7 of every message. */
  public static final int COOKIE = 0x2112a442;

  /** Bytes before the attributes. */
  public static final int HEADER = 20;

  /** Bytes of a transaction id. */
  public static final int TRANSACTION = 12;

  /** Most attributes that are read; messages of ICE have about ten. */
  public static final int MAX_ATTRIBUTES = 64;

  /** Makes CRC-32 of a STUN message differ from that of other protocols (section 14.7). */
  static final int FINGERPRINT_XOR = 0x5354554e;

  private static final int IPV4 = 1;
  private static final int IPV6 = 2;

  /**
   * Whether {@code datagram}, from its position on, begins like a STUN message: 20 bytes at least,
   * two zero bits, the cookie. QUIC's first byte has the bit 0x40 set, so it never does. Consumes
   * nothing.
   */
  public static boolean isStun(ByteBuffer datagram) {
    int at = datagram.position();
    return datagram.remaining() >= HEADER
        && (datagram.get(at) & 0xc0) == 0
        && big(datagram).getInt(at + 4) == COOKIE;
  }

  private static ByteBuffer big(ByteBuffer buffer) {
    return buffer.duplicate(); // always big-endian
  }

  /**
   * Reads a message from the position on; bytes beyond its length are ignored, nothing is consumed.
   * A FINGERPRINT, if there is one, has been checked and is the last attribute.
   *
   * @throws StunFormatException if it is no message or its FINGERPRINT is wrong
   */
  public static StunMessage parse(ByteBuffer datagram) throws StunFormatException {
    if (!isStun(datagram)) {
      throw new StunFormatException("no STUN header");
    }
    ByteBuffer in = big(datagram);
    int start = in.position();
    int type = in.getShort() & 0xffff;
    int length = in.getShort() & 0xffff;
    if (length % 4 != 0 || start + HEADER + length > datagram.limit()) {
      throw new StunFormatException("a length of " + length + " in a shorter message");
    }
    byte[] transaction = new byte[TRANSACTION];
    in.position(start + 8);
    in.get(transaction);
    in.limit(start + HEADER + length);
    List<StunAttribute> attributes = new ArrayList<>();
    while (in.hasRemaining()) {
      attributes.add(attribute(in, start, attributes));
    }
    return new StunMessage(type, transaction, List.copyOf(attributes));
  }

  private static StunAttribute attribute(ByteBuffer in, int start, List<StunAttribute> before)
      throws StunFormatException {
    int at = in.position();
    int type = in.getShort() & 0xffff; // the length is a multiple of 4, so there are 4 bytes
    int length = in.getShort() & 0xffff;
    int padded = length + 3 & ~3;
    if (padded > in.remaining() || before.size() == MAX_ATTRIBUTES) {
      throw new StunFormatException("attributes beyond the message, or too many");
    }
    byte[] value = new byte[length];
    in.get(value);
    in.position(at + 4 + padded);
    if (type == StunAttribute.FINGERPRINT
        && (length != 4
            || in.hasRemaining()
            || ByteBuffer.wrap(value).getInt() != fingerprint(in, start, at))) {
      throw new StunFormatException("wrong FINGERPRINT");
    }
    return new StunAttribute(type, value);
  }

  /** Of the bytes between. */
  private static int fingerprint(ByteBuffer in, int from, int to) {
    CRC32 crc = new CRC32();
    ByteBuffer bytes = in.duplicate();
    bytes.limit(to).position(from);
    crc.update(bytes);
    return (int) crc.getValue() ^ FINGERPRINT_XOR;
  }

  /** The first attribute of a type; later ones do not count (section 14). */
  public Optional<byte[]> attribute(int attributeType) {
    return attributes.stream()
        .filter(a -> a.type() == attributeType)
        .map(StunAttribute::value)
        .findFirst();
  }

  /**
   * The address that a server saw: XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS; empty if there is none
   * that can be read. An IPv4-mapped IPv6 address becomes IPv4.
   */
  public Optional<InetSocketAddress> mappedAddress() {
    return attribute(StunAttribute.XOR_MAPPED_ADDRESS)
        .flatMap(value -> address(value, xor()))
        .or(
            () ->
                attribute(StunAttribute.MAPPED_ADDRESS)
                    .flatMap(value -> address(value, new byte[16])));
  }

  /** Cookie and transaction: what addresses are masked with (section 14.2). */
  private byte[] xor() {
    return ByteBuffer.allocate(16).putInt(COOKIE).put(transaction).array();
  }

  private static Optional<InetSocketAddress> address(byte[] value, byte[] xor) {
    int ipLength = value.length < 2 ? 0 : value[1] == IPV4 ? 4 : value[1] == IPV6 ? 16 : 0;
    if (ipLength == 0 || value.length != 4 + ipLength) {
      return Optional.empty();
    }
    int port = (value[2] ^ xor[0]) << 8 & 0xff00 | (value[3] ^ xor[1]) & 0xff;
    byte[] ip = Arrays.copyOfRange(value, 4, 4 + ipLength);
    for (int i = 0; i < ipLength; i++) {
      ip[i] ^= xor[i];
    }
    try {
      return Optional.of(new InetSocketAddress(InetAddress.getByAddress(ip), port));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  // ---- writing ----

  /**
   * A binding request with FINGERPRINT and nothing else: 28 bytes.
   *
   * @param transaction 12 bytes nobody can guess
   */
  public static byte[] bindingRequest(byte[] transaction) {
    return new StunWriter(BINDING_REQUEST, transaction).fingerprint();
  }

  /**
   * A success response with XOR-MAPPED-ADDRESS and nothing else: 32 bytes, for IPv6 44. An
   * IPv4-mapped IPv6 address is written as IPv4.
   */
  public static byte[] bindingSuccess(byte[] transaction, InetSocketAddress mapped) {
    return new StunWriter(BINDING_SUCCESS, transaction).xorMappedAddress(mapped).bytes();
  }
}
