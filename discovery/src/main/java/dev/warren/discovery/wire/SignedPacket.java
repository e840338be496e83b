package dev.warren.discovery.wire;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacketException.Cause;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.xbill.DNS.Message;

/**
 * A pkarr signed packet (discovery section 4): public key, signature, timestamp, DNS message. The
 * bytes are kept as they came, so that a packet can be passed on; every instance has a valid
 * signature and a well-formed DNS message. Immutable.
 */
public final class SignedPacket {
  /** Most bytes of the DNS message: the limit of a BEP 44 value. */
  public static final int MAX_DNS = 1000;

  /** Bytes of a signature. */
  public static final int SIGNATURE = 64;

  /** Bytes before the DNS message: key, signature, timestamp. */
  public static final int HEADER = NodeId.LENGTH + SIGNATURE + Long.BYTES;

  /** Most bytes of a packet. */
  public static final int MAX_LENGTH = HEADER + MAX_DNS;

  /** Most bytes of {@link #relayPayload()}: 1072. */
  public static final int MAX_RELAY_PAYLOAD = MAX_LENGTH - NodeId.LENGTH;

  private final NodeId nodeId;
  private final byte[] bytes;

  private SignedPacket(NodeId nodeId, byte[] bytes) {
    this.nodeId = nodeId;
    this.bytes = bytes;
  }

  /**
   * Signs {@code dns}.
   *
   * @param dns an encoded DNS message, copied
   * @param timestamp microseconds since 1970, unsigned; {@link PacketClock} gives them in order
   * @throws IllegalArgumentException if {@code dns} has more than {@link #MAX_DNS} bytes or is not
   *     a DNS message
   */
  public static SignedPacket sign(SecretKey key, byte[] dns, long timestamp) {
    if (dns.length > MAX_DNS) {
      throw new IllegalArgumentException(
          "a DNS message of " + dns.length + " bytes; a signed packet takes " + MAX_DNS);
    }
    try {
      DnsMessages.parseWhole(dns);
    } catch (DnsFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    byte[] signature = key.sign(signedBytes(timestamp, dns));
    return new SignedPacket(key.nodeId(), join(key.nodeId(), signature, timestamp, dns));
  }

  /**
   * Reads and verifies {@link #toBytes() all bytes} of a packet, which are copied.
   *
   * @throws SignedPacketException if they are not one
   */
  public static SignedPacket parse(byte[] bytes) throws SignedPacketException {
    checkLength(bytes.length);
    NodeId nodeId;
    try {
      nodeId = NodeId.ofBytes(Arrays.copyOf(bytes, NodeId.LENGTH));
    } catch (KeyParseException e) {
      throw new SignedPacketException(Cause.KEY, "the signed packet has no key: " + e.getMessage());
    }
    return verified(nodeId, bytes.clone());
  }

  /**
   * Reads and verifies what a pkarr relay holds for {@code nodeId}: a packet without its key.
   *
   * @throws SignedPacketException if it is not one, or not of {@code nodeId}
   */
  public static SignedPacket fromRelayPayload(NodeId nodeId, byte[] payload)
      throws SignedPacketException {
    checkLength(NodeId.LENGTH + payload.length);
    byte[] bytes = Arrays.copyOf(nodeId.toBytes(), NodeId.LENGTH + payload.length);
    System.arraycopy(payload, 0, bytes, NodeId.LENGTH, payload.length);
    return verified(nodeId, bytes);
  }

  /**
   * Joins and verifies the parts, as an item of the Mainline DHT has them.
   *
   * @param signature 64 bytes
   * @param timestamp the item's sequence number
   * @throws SignedPacketException if they are not a packet of {@code nodeId}
   */
  public static SignedPacket ofParts(NodeId nodeId, byte[] signature, long timestamp, byte[] dns)
      throws SignedPacketException {
    if (signature.length != SIGNATURE) {
      throw new SignedPacketException(
          Cause.SIGNATURE, "a signature of " + signature.length + " bytes");
    }
    checkLength(HEADER + dns.length);
    return verified(nodeId, join(nodeId, signature, timestamp, dns));
  }

  private static void checkLength(int length) throws SignedPacketException {
    if (length < HEADER || length > MAX_LENGTH) {
      throw new SignedPacketException(
          Cause.LENGTH,
          "a signed packet has " + HEADER + " to " + MAX_LENGTH + " bytes, not " + length);
    }
  }

  private static SignedPacket verified(NodeId nodeId, byte[] bytes) throws SignedPacketException {
    SignedPacket packet = new SignedPacket(nodeId, bytes);
    byte[] dns = packet.dns();
    if (!nodeId.verify(signedBytes(packet.timestamp(), dns), packet.signature())) {
      throw new SignedPacketException(
          Cause.SIGNATURE, "the packet is not signed by " + nodeId.toZ32());
    }
    try {
      DnsMessages.parseWhole(dns);
    } catch (DnsFormatException e) {
      throw new SignedPacketException(
          Cause.DNS, "the signed packet holds no DNS message: " + e.getMessage());
    }
    return packet;
  }

  private static byte[] join(NodeId nodeId, byte[] signature, long timestamp, byte[] dns) {
    return ByteBuffer.allocate(HEADER + dns.length)
        .put(nodeId.toBytes())
        .put(signature)
        .putLong(timestamp)
        .put(dns)
        .array();
  }

  /** What is signed: a BEP 44 mutable item without salt (discovery section 4.2). */
  static byte[] signedBytes(long timestamp, byte[] dns) {
    byte[] prefix =
        ("3:seqi" + Long.toUnsignedString(timestamp) + "e1:v" + dns.length + ":")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(prefix, prefix.length + dns.length);
    System.arraycopy(dns, 0, all, prefix.length, dns.length);
    return all;
  }

  /** Whose packet it is. */
  public NodeId nodeId() {
    return nodeId;
  }

  /** Microseconds since 1970, unsigned; nobody has compared it with a clock. */
  public long timestamp() {
    return ByteBuffer.wrap(bytes).getLong(NodeId.LENGTH + SIGNATURE);
  }

  /** A copy of the 64 bytes. */
  public byte[] signature() {
    return Arrays.copyOfRange(bytes, NodeId.LENGTH, NodeId.LENGTH + SIGNATURE);
  }

  /** A copy of the encoded DNS message. */
  public byte[] dns() {
    return Arrays.copyOfRange(bytes, HEADER, bytes.length);
  }

  /** The DNS message, read anew: callers may change it. */
  public Message message() {
    try {
      return DnsMessages.parseWhole(dns());
    } catch (DnsFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** A copy of all bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** All bytes without the key: the body that a pkarr relay takes and gives. A copy. */
  public byte[] relayPayload() {
    return Arrays.copyOfRange(bytes, NodeId.LENGTH, bytes.length);
  }

  /**
   * Whether this packet replaces {@code other} of the same key: it has the higher timestamp or, if
   * both are equal, the greater DNS message as unsigned bytes. An equal packet replaces nothing.
   *
   * @throws IllegalArgumentException if it is of another key
   */
  public boolean isMoreRecentThan(SignedPacket other) {
    if (!nodeId.equals(other.nodeId)) {
      throw new IllegalArgumentException("packets of two keys have no order");
    }
    int order = Long.compareUnsigned(timestamp(), other.timestamp());
    if (order == 0) {
      order =
          Arrays.compareUnsigned(
              bytes, HEADER, bytes.length, other.bytes, HEADER, other.bytes.length);
    }
    return order > 0;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof SignedPacket other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "SignedPacket["
        + nodeId.toShortString()
        + " at "
        + Long.toUnsignedString(timestamp())
        + ", "
        + (bytes.length - HEADER)
        + " bytes]";
  }
}
