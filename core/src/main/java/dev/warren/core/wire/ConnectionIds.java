package dev.warren.core.wire;

import io.netty.buffer.ByteBuf;
import java.util.random.RandomGenerator;

/**
 * Layout of the QUIC connection ids that this endpoint issues, and where to send a packet that
 * bears one.
 *
 * <pre>
 * byte 0   bit 7      1 = client side of the shard, 0 = server side
 *          bit 6      random
 *          bits 5..0  shard number (0..63)
 * byte 1..7           random
 * </pre>
 *
 * Eight bytes are enough behind an exact match and keep 12 bytes per packet compared with the
 * longest id (measured: netty-quic-notes section 1). A first byte of {@code 0x53} would name shard
 * 19; together with the random bytes it would collide with the disco magic only when bytes 1..4 are
 * {@code f0 9f 92 ac}, so {@link #next} never issues that.
 *
 * <p>Everything here reads bytes that a stranger chose: each access is checked against the readable
 * length. Stateless, any thread.
 */
public final class ConnectionIds {
  /**
   * Length in bytes of every id that we issue. Short headers carry no length, so it is constant.
   */
  public static final int LENGTH = 8;

  /** Highest number of shards that the id can name. */
  public static final int MAX_SHARDS = 64;

  private static final int CLIENT_BIT = 0x80;
  private static final int SHARD_MASK = 0x3f;
  private static final int LONG_HEADER_BIT = 0x80;
  private static final int LONG_HEADER_ID = 6;

  /** Bytes 1..4 of the disco magic; byte 0 ("T") may be the first byte of a short header. */
  private static final int DISCO_TAIL = 0x53f09f92;

  private ConnectionIds() {}

  /** Where a packet goes, as far as its first bytes can tell. */
  public enum Side {
    /** Too short or not QUIC: drop. */
    NONE,
    SERVER,
    CLIENT,
    /**
     * Initial or 0-RTT with an id that looks like a client's: client if that id is live, else
     * server.
     */
    CLIENT_IF_LIVE
  }

  /** A fresh id for one side of a shard. */
  public static byte[] next(RandomGenerator random, boolean client, int shard) {
    byte[] id = new byte[LENGTH];
    do {
      random.nextBytes(id);
      id[0] = (byte) ((id[0] & 0x40) | (client ? CLIENT_BIT : 0) | (shard & SHARD_MASK));
    } while (looksLikeDisco(id));
    return id;
  }

  private static boolean looksLikeDisco(byte[] id) {
    int head = (id[0] & 0xff) << 24 | (id[1] & 0xff) << 16 | (id[2] & 0xff) << 8 | (id[3] & 0xff);
    return head == DISCO_TAIL;
  }

  /** Decides the side from the header (RFC 8999 invariants plus the v1 packet types). */
  public static Side side(ByteBuf packet) {
    int r = packet.readerIndex();
    int n = packet.readableBytes();
    if (n <= LENGTH) {
      return Side.NONE;
    }
    int first = packet.getByte(r);
    if ((first & LONG_HEADER_BIT) == 0) {
      return (packet.getByte(r + 1) & CLIENT_BIT) != 0 ? Side.CLIENT : Side.SERVER;
    }
    if (n < LONG_HEADER_ID + 1) {
      return Side.NONE;
    }
    int length = packet.getUnsignedByte(r + 5);
    if (n < LONG_HEADER_ID + length) {
      return Side.NONE;
    }
    if (length != LENGTH || (packet.getByte(r + LONG_HEADER_ID) & CLIENT_BIT) == 0) {
      return Side.SERVER;
    }
    int version = packet.getInt(r + 1);
    int type = (first >> 4) & 3;
    boolean idChosenByPeer = version != 0 && type <= 1; // Initial = 0, 0-RTT = 1
    return idChosenByPeer ? Side.CLIENT_IF_LIVE : Side.CLIENT;
  }

  /** True for a long header of type Initial with a version other than 0 (version negotiation). */
  public static boolean isInitial(ByteBuf packet) {
    int r = packet.readerIndex();
    return packet.readableBytes() > LONG_HEADER_ID
        && (packet.getByte(r) & 0xb0) == 0x80
        && packet.getInt(r + 1) != 0;
  }

  /** True if the packet has a long header. */
  public static boolean isLongHeader(ByteBuf packet) {
    return packet.isReadable() && (packet.getByte(packet.readerIndex()) & LONG_HEADER_BIT) != 0;
  }

  /**
   * Shard of a packet for which {@link #side} was not {@code NONE}. Ids of strangers (first
   * Initials) are spread by the same byte, so that retransmissions meet the same shard.
   */
  public static int shard(ByteBuf packet, int shards) {
    if (shards == 1) {
      return 0;
    }
    int r = packet.readerIndex();
    boolean shortHeader = (packet.getByte(r) & LONG_HEADER_BIT) == 0;
    int at = shortHeader ? r + 1 : r + LONG_HEADER_ID;
    int first = at < packet.writerIndex() ? packet.getByte(at) : 0;
    return (first & SHARD_MASK) % shards;
  }

  /** The first eight bytes of the destination id (fewer are padded with zero), as a map key. */
  public static long destination(ByteBuf packet) {
    int r = packet.readerIndex();
    if ((packet.getByte(r) & LONG_HEADER_BIT) == 0) {
      return packet.getLong(r + 1);
    }
    int length = Math.min(8, packet.getUnsignedByte(r + 5));
    long key = 0;
    for (int i = 0; i < length; i++) {
      key = key << 8 | packet.getUnsignedByte(r + LONG_HEADER_ID + i);
    }
    return key;
  }

  /** The key that {@link #destination} gives for packets sent to this id of ours. */
  public static long key(byte[] id) {
    long key = 0;
    for (int i = 0; i < LENGTH; i++) {
      key = key << 8 | (id[i] & 0xff);
    }
    return key;
  }
}
