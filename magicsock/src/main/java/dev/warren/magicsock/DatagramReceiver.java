package dev.warren.magicsock;

import io.netty.buffer.ByteBuf;

/** Takes the QUIC datagrams of a {@link MagicSocket}. Called on the socket loop only. */
public interface DatagramReceiver {
  /**
   * Takes one datagram and its ownership; direct and writable, since quiche decrypts in place.
   *
   * @param peer the node it belongs to, or a provisional one if its source is unknown
   */
  void onDatagram(Peer peer, ByteBuf datagram);

  /** Ends a read loop, of a UDP socket or a relay: time to answer. */
  void onReadComplete();
}
