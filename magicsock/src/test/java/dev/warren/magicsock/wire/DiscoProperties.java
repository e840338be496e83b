package dev.warren.magicsock.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SecretKey;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Disco messages, their sealing, and telling datagrams apart. */
class DiscoProperties {
  private static final long MEMORY = 32 << 20;
  private static final SecretKey A = SecretKey.ofBytes(new byte[32]);
  private static final byte[] KEY = DiscoPacket.boxKey(A.toX25519(), A.nodeId().toX25519());
  private static final byte[] TX = new byte[DiscoMessage.TX];
  private static final byte[] V4 = {10, 0, 0, 1};

  @Provide
  Arbitrary<DiscoMessage> messages() {
    Arbitrary<byte[]> tx = Arbitraries.bytes().array(byte[].class).ofSize(DiscoMessage.TX);
    Arbitrary<byte[]> id = Arbitraries.bytes().array(byte[].class).ofSize(32);
    Arbitrary<DiscoMessage> ping =
        Combinators.combine(tx, id, Arbitraries.integers().between(0, 1200))
            .as(DiscoMessage.Ping::new);
    Arbitrary<DiscoMessage> udpPong =
        Combinators.combine(tx, addresses())
            .as((t, a) -> new DiscoMessage.Pong(t, Optional.of(a), Optional.empty()));
    Arbitrary<DiscoMessage> relayPong =
        Combinators.combine(tx, Arbitraries.of("https://a.example./", "http://[::1]:1/p?q"))
            .as((t, u) -> new DiscoMessage.Pong(t, Optional.empty(), Optional.of(url(u))));
    Arbitrary<DiscoMessage> call =
        addresses().list().ofMaxSize(DiscoMessage.MAX_ENDPOINTS).map(DiscoMessage.CallMeMaybe::new);
    return Arbitraries.oneOf(ping, udpPong, relayPong, call).withoutEdgeCases();
  }

  private static Arbitrary<InetSocketAddress> addresses() {
    return Combinators.combine(
            Arbitraries.bytes().array(byte[].class).ofSize(16),
            Arbitraries.of(4, 16),
            Arbitraries.integers().between(0, 65535))
        .as((ip, length, port) -> new InetSocketAddress(ip(Arrays.copyOf(ip, length)), port));
  }

  private static InetAddress ip(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static RelayUrl url(String text) {
    try {
      return RelayUrl.parse(text);
    } catch (RelayUrlParseException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[][] validPlain() {
    return new byte[][] {
      new DiscoMessage.Ping(TX, A.nodeId().toBytes(), 3).encode(),
      new DiscoMessage.Pong(TX, Optional.of(new InetSocketAddress(ip(V4), 9)), Optional.empty())
          .encode(),
      new DiscoMessage.Pong(TX, Optional.empty(), Optional.of(url("https://a.example./"))).encode(),
      new DiscoMessage.CallMeMaybe(List.of(new InetSocketAddress(ip(new byte[16]), 1))).encode()
    };
  }

  @Provide
  Arbitrary<byte[]> plains() {
    return HostileInput.bytes(validPlain());
  }

  @Provide
  Arbitrary<byte[]> packets() {
    byte[] nonce = new byte[DiscoPacket.NONCE];
    byte[] stun = HexFormat.of().parseHex("000100002112a442000000000000000000000000");
    byte[] quic = HexFormat.of().parseHex("c0000000010853f09f92ac0000000000");
    return HostileInput.bytes(
        DiscoPacket.seal(A.nodeId().toBytes(), KEY, validPlain()[0], nonce), stun, quic);
  }

  @Property(tries = 300)
  void aMessageComesBackFromItsBytesAndFromItsPacket(
      @ForAll("messages") DiscoMessage message, @ForAll @Size(24) byte[] nonce) throws Exception {
    byte[] plain = message.encode();
    assertThat(DiscoMessage.decode(plain))
        .usingRecursiveComparison()
        .ignoringOverriddenEqualsForTypes(DiscoMessage.Ping.class, DiscoMessage.Pong.class)
        .isEqualTo(message);
    byte[] packet = DiscoPacket.seal(A.nodeId().toBytes(), KEY, plain, nonce);
    assertThat(DiscoPacket.open(KEY, packet)).isEqualTo(plain);
    assertThat(DiscoPacket.sender(packet)).isEqualTo(A.nodeId().toBytes());
    assertThat(DatagramClassifier.classify(Unpooled.wrappedBuffer(packet)))
        .isEqualTo(DatagramClassifier.Kind.DISCO);
  }

  /** Not the sender: it chooses the key. */
  @Property(tries = 300)
  void aPacketWithAnyBitFlippedOpensNothing(
      @ForAll @Size(max = 80) byte[] plain,
      @ForAll @Size(24) byte[] nonce,
      @ForAll @IntRange(max = 100_000) int where) {
    byte[] packet = DiscoPacket.seal(A.nodeId().toBytes(), KEY, plain, nonce);
    int bits = 8 * (packet.length - DiscoPacket.HEADER);
    int bit = 8 * DiscoPacket.HEADER + where % bits;
    packet[bit / 8] ^= (byte) (1 << bit % 8);
    assertThatThrownBy(() -> DiscoPacket.open(KEY, packet))
        .isInstanceOfSatisfying(
            DiscoException.class,
            e -> assertThat(e.fault()).isEqualTo(DiscoException.Fault.BAD_KEY));
  }

  @Property(tries = 100)
  void nobodyElsesKeyOpensAPacket(@ForAll @Size(32) byte[] seed, @ForAll @Size(32) byte[] other) {
    byte[] packet = DiscoPacket.seal(A.nodeId().toBytes(), KEY, TX, new byte[DiscoPacket.NONCE]);
    SecretKey stranger = SecretKey.ofBytes(seed);
    byte[] key =
        DiscoPacket.boxKey(stranger.toX25519(), SecretKey.ofBytes(other).nodeId().toX25519());
    if (!Arrays.equals(key, KEY)) {
      assertThatThrownBy(() -> DiscoPacket.open(key, packet)).isInstanceOf(DiscoException.class);
    }
  }

  @Property(tries = 600)
  void anyPlainBytesAreAMessageOrABadParse(@ForAll("plains") byte[] plain) throws Exception {
    checkPlain(plain);
  }

  static void checkPlain(byte[] plain) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try {
            DiscoMessage message = DiscoMessage.decode(plain);
            if (message instanceof DiscoMessage.CallMeMaybe call) {
              assertThat(call.endpoints().size()).isLessThanOrEqualTo(DiscoMessage.MAX_ENDPOINTS);
            } else if (message instanceof DiscoMessage.Pong pong) {
              assertThat(pong.udp().isPresent()).isNotEqualTo(pong.relay().isPresent());
            }
            byte[] again = message.encode();
            assertThat(DiscoMessage.decode(again).encode()).isEqualTo(again);
          } catch (DiscoException refused) {
            assertThat(refused.fault()).isEqualTo(DiscoException.Fault.BAD_PARSE);
          }
        });
  }

  @Property(tries = 400)
  void anyDatagramIsOfOneKindAndOpensOrIsABadKey(@ForAll("packets") byte[] packet)
      throws Exception {
    checkPacket(packet);
  }

  static void checkPacket(byte[] packet) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          ByteBuf datagram = Unpooled.wrappedBuffer(packet);
          DatagramClassifier.Kind kind = DatagramClassifier.classify(datagram);
          assertThat(datagram.readableBytes()).isEqualTo(packet.length);
          if (kind == DatagramClassifier.Kind.DISCO) {
            assertThat(DiscoPacket.sender(packet)).hasSize(32);
          } else if (kind == DatagramClassifier.Kind.STUN) {
            assertThat(packet.length).isGreaterThanOrEqualTo(20);
          }
          try {
            DiscoPacket.open(KEY, packet);
          } catch (DiscoException refused) {
            assertThat(refused.fault()).isEqualTo(DiscoException.Fault.BAD_KEY);
          }
        });
  }
}
