package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.local.wire.Announcement;
import java.util.Optional;
import java.util.stream.Stream;

/** Nodes and links of these tests. */
final class Fixtures {
  static final Link ETH4 = new Link(2, Link.Family.IPV4);
  static final Link ETH6 = new Link(2, Link.Family.IPV6);
  static final Link WIFI4 = new Link(3, Link.Family.IPV4);

  static final NodeId SELF = node(0);
  static final NodeId PEER = node(1);
  static final NodeId OTHER = node(2);

  private Fixtures() {}

  static NodeId node(int number) {
    byte[] seed = new byte[32];
    seed[0] = (byte) number;
    seed[1] = (byte) (number >> 8);
    return SecretKey.ofBytes(seed).nodeId();
  }

  static Announcement at(NodeId id, String... addresses) {
    return new Announcement(
        id,
        Stream.of(addresses).map(SocketAddrs::parse).toList(),
        Optional.empty(),
        Optional.empty());
  }
}
