package dev.warren.core.io;

import dev.warren.magicsock.PeerAddress;
import io.netty.buffer.ByteBuf;

/**
 * Judges the first packet of a connection before any expensive work. Called on a shard's event
 * loop, possibly again for a retransmission of the same packet.
 */
public interface IncomingGate {
  /** What to do with a first packet. */
  enum Decision {
    /** Go on with the handshake. */
    ACCEPT,
    /** Answer with a Retry: the client must come back with a token. */
    RETRY,
    /** Answer with a close (CONNECTION_REFUSED). */
    REFUSE,
    /** Say nothing. */
    IGNORE
  }

  /** Reads the packet without changing its indices. Must not block, must not throw. */
  Decision decide(PeerAddress from, ByteBuf initial);

  /** Whether a v1 Initial bears a token: the length field after the two ids is not 0. */
  static boolean hasToken(ByteBuf initial) {
    int at = initial.readerIndex() + 5;
    for (int id = 0; id < 2; id++) {
      if (at >= initial.writerIndex()) {
        return false;
      }
      at += 1 + initial.getUnsignedByte(at);
    }
    if (at >= initial.writerIndex()) {
      return false;
    }
    // A variable-length integer (RFC 9000 section 16), which may be 0 in more bytes than one.
    int bytes = 1 << (initial.getUnsignedByte(at) >> 6);
    if (at + bytes > initial.writerIndex()) {
      return false;
    }
    int set = initial.getByte(at) & 0x3f;
    for (int i = 1; i < bytes; i++) {
      set |= initial.getByte(at + i);
    }
    return set != 0;
  }
}
