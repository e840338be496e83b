package dev.warren.discovery.dht.wire;

import java.net.InetSocketAddress;

/** A node of the DHT: its id and where it answers. */
public record DhtContact(DhtId id, InetSocketAddress address) {}
