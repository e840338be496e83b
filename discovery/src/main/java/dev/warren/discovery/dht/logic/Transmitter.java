package dev.warren.discovery.dht.logic;

import java.net.InetSocketAddress;

/** Sends a datagram; what cannot be sent is lost, as on the way. */
@FunctionalInterface
public interface Transmitter {
  void send(InetSocketAddress to, byte[] datagram);
}
