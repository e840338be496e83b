package dev.warren.base;

import dev.warren.base.wire.Base32;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.domains.DomainContextBase;

/** Valid values of this module, for the properties of its parsers. */
class Inputs extends DomainContextBase {
  /** The most that reading one hostile text of a megabyte may allocate. */
  static final long MEMORY = 64 << 20;

  @Provide
  Arbitrary<SecretKey> keys() {
    return seeds().map(SecretKey::ofBytes);
  }

  @Provide
  Arbitrary<NodeId> ids() {
    return keys().map(SecretKey::nodeId);
  }

  @Provide
  Arbitrary<InetSocketAddress> addresses() {
    return addressesOfAllKinds();
  }

  @Provide
  Arbitrary<RelayUrl> relays() {
    return Combinators.combine(
            Arbitraries.of("http", "HTTPS"),
            Arbitraries.of(
                "a", "Relay.example.com", "x-1.b.", "127.0.0.1", "[2001:db8::1]", "münchen.de"),
            Arbitraries.integers().between(-1, 65535).filter(p -> p != 0),
            Arbitraries.of("", "/", "/p/%20q", "/?token=1", "?q"))
        .as(
            (scheme, host, port, rest) ->
                scheme + "://" + host + (port < 0 ? "" : ":" + port) + rest)
        .map(Inputs::relay);
  }

  @Provide
  Arbitrary<NodeAddr> addrs() {
    return Combinators.combine(
            ids(),
            relays().optional(),
            addresses().list().ofMaxSize(8),
            customs().list().ofMaxSize(3))
        .as(
            (id, relay, direct, customs) -> {
              NodeAddr addr = NodeAddr.of(id).withIps(direct);
              for (TransportAddr.Custom c : customs) {
                addr = addr.withCustom(List.of(c));
              }
              return relay.isPresent() ? addr.withRelay(relay.get()) : addr;
            })
        .withoutEdgeCases();
  }

  private static Arbitrary<TransportAddr.Custom> customs() {
    return Combinators.combine(
            Arbitraries.longs(), Arbitraries.bytes().array(byte[].class).ofMaxSize(40))
        .as(TransportAddr.Custom::new);
  }

  private static Arbitrary<byte[]> seeds() {
    return Arbitraries.bytes().array(byte[].class).ofSize(32);
  }

  private static Arbitrary<InetSocketAddress> addressesOfAllKinds() {
    Arbitrary<byte[]> v4 = Arbitraries.bytes().array(byte[].class).ofSize(4);
    // Mostly zeros, so that runs to compress occur.
    Arbitrary<byte[]> v6 =
        Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just((byte) 0)), Tuple.of(2, Arbitraries.bytes()))
            .array(byte[].class)
            .ofSize(16);
    return Combinators.combine(Arbitraries.oneOf(v4, v6), Arbitraries.integers().between(0, 65535))
        .as((ip, port) -> new InetSocketAddress(ip(ip), port));
  }

  private static InetAddress ip(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static RelayUrl relay(String text) {
    try {
      return RelayUrl.parse(text);
    } catch (RelayUrlParseException e) {
      throw new AssertionError(e);
    }
  }

  /** Bytes of tickets that hold everything that tickets can hold. */
  static List<byte[]> ticketBytes() {
    NodeAddr addr =
        NodeAddr.of(SecretKey.ofBytes(new byte[32]).nodeId())
            .withRelay(relay("https://relay.example.com./"))
            .withIp(SocketAddrs.parse("192.0.2.1:4433"))
            .withIp(SocketAddrs.parse("[2001:db8::1]:65535"));
    NodeAddr custom =
        addr.withCustom(List.of(new TransportAddr.Custom(1, new byte[6])))
            .withCustom(List.of(new TransportAddr.Custom(-1, new byte[40])));
    return List.of(
        NodeTicket.of(addr).toBytes(),
        EndpointTicket.of(addr).toBytes(),
        EndpointTicket.of(custom).toBytes());
  }

  static String text(String prefix, byte[] bytes) {
    return prefix + Base32.encode(bytes);
  }
}
