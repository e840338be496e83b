package dev.warren.core.io;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;

/**
 * Keeps a silent connection alive with an application datagram, since Netty has no PING
 * (netty-quic-notes section 4.5). Event loop of the connection only.
 */
final class KeepAlive {
  /**
   * Random once, constant for ever; a Warren peer drops it. A peer of another make pings by itself,
   * so it hardly ever sees one.
   */
  private static final byte[] DATAGRAM = {
    (byte) 0xf3, 0x5e, (byte) 0x91, 0x0c, (byte) 0xd7, 0x42, (byte) 0xa8, 0x6b
  };

  private long lastReceived = -1;
  private int silentTicks;

  static boolean is(ByteBuf datagram) {
    if (datagram.readableBytes() != DATAGRAM.length) {
      return false;
    }
    for (int i = 0; i < DATAGRAM.length; i++) {
      if (datagram.getByte(datagram.readerIndex() + i) != DATAGRAM[i]) {
        return false;
      }
    }
    return true;
  }

  /** Sends one after {@code silent} ticks without any packet, if the peer takes datagrams. */
  void tick(QuicChannel quic, int silent, int maxDatagram) {
    quic.collectStats()
        .addListener(
            f -> {
              if (f.isSuccess()) {
                count(quic, ((QuicConnectionStats) f.getNow()).recv(), silent, maxDatagram);
              }
            });
  }

  private void count(QuicChannel quic, long received, int silent, int maxDatagram) {
    if (received != lastReceived) {
      lastReceived = received;
      silentTicks = 0;
    } else if (++silentTicks >= silent && maxDatagram >= DATAGRAM.length) {
      silentTicks = 0;
      quic.writeAndFlush(
          quic.alloc().directBuffer(DATAGRAM.length).writeBytes(DATAGRAM), quic.voidPromise());
    }
  }
}
