package dev.warren.magicsock.wire;

import io.netty.buffer.ByteBuf;

/**
 * What a UDP datagram is, by its first bytes only (disco section 5). Stateless.
 *
 * <pre>
 * STUN   len >= 20, first two bits 0, bytes 4..7 = 2112a442
 * disco  len >= 38, bytes 0..5 = 54 53 f0 9f 92 ac
 * QUIC   everything else
 * </pre>
 */
public final class DatagramClassifier {
  /** The kinds of datagram that share a socket. */
  public enum Kind {
    STUN,
    DISCO,
    QUIC
  }

  private static final int STUN_COOKIE = 0x2112a442;
  private static final int STUN_HEADER = 20;

  private DatagramClassifier() {}

  public static Kind classify(ByteBuf datagram) {
    int r = datagram.readerIndex();
    int n = datagram.readableBytes();
    if (n >= DiscoPacket.HEADER
        && datagram.getInt(r) == DiscoPacket.MAGIC_HEAD
        && datagram.getShort(r + 4) == DiscoPacket.MAGIC_TAIL) {
      return Kind.DISCO;
    }
    if (n >= STUN_HEADER
        && (datagram.getByte(r) & 0xc0) == 0
        && datagram.getInt(r + 4) == STUN_COOKIE) {
      return Kind.STUN;
    }
    return Kind.QUIC;
  }
}
