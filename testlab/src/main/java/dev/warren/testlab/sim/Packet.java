package dev.warren.testlab.sim;

import java.net.InetSocketAddress;

/** A UDP datagram on its way. */
record Packet(InetSocketAddress from, InetSocketAddress to, byte[] payload) {
  Packet from(InetSocketAddress other) {
    return new Packet(other, to, payload);
  }

  Packet to(InetSocketAddress other) {
    return new Packet(from, other, payload);
  }
}
