package dev.warren.magicsock.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors of disco section 8, and what must not happen. */
class DiscoVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final SecretKey A = SecretKey.ofBytes(filled(1));
  private static final SecretKey B = SecretKey.ofBytes(filled(8));
  private static final byte[] TX = HEX.parseHex("0102030405060708090a0b0c");
  private static final byte[] NONCE =
      HEX.parseHex("404142434445464748494a4b4c4d4e4f5051525354555657");

  private static byte[] filled(int b) {
    byte[] seed = new byte[32];
    java.util.Arrays.fill(seed, (byte) b);
    return seed;
  }

  private static byte[] key() {
    return DiscoPacket.boxKey(A.toX25519(), B.nodeId().toX25519());
  }

  @Test
  void theBoxKeyIsTheSameFromBothSides() {
    assertThat(HEX.formatHex(key()))
        .isEqualTo("866eef664392b071c8f82f312780dd56ffed157015fadd072266c46e2fcaad46")
        .isEqualTo(HEX.formatHex(DiscoPacket.boxKey(B.toX25519(), A.nodeId().toX25519())));
  }

  @Test
  void plainMessages() throws Exception {
    NodeId id = NodeId.parse("bef341682566af4bf31645c8a76b183fd88c782b0470103e759b2dd748af28bd");
    assertPlain(
        new DiscoMessage.Ping(TX, id.toBytes(), 0),
        "01000102030405060708090a0b0cbef341682566af4bf31645c8a76b183fd88c782b0470103e759b2dd748af28bd");
    assertPlain(
        new DiscoMessage.Pong(TX, Optional.of(SocketAddrs.parse("2.3.4.5:1234")), Optional.empty()),
        "02000102030405060708090a0b0c0000000000000000000000ffff02030405d204");
    assertPlain(
        new DiscoMessage.Pong(
            TX, Optional.of(SocketAddrs.parse("[fed0::12]:6666")), Optional.empty()),
        "02000102030405060708090a0b0c00fed000000000000000000000000000120a1a");
    assertPlain(new DiscoMessage.CallMeMaybe(List.of()), "0300");
    assertPlain(
        new DiscoMessage.CallMeMaybe(
            List.of(SocketAddrs.parse("1.2.3.4:567"), SocketAddrs.parse("[2001::3456]:789"))),
        "030000000000000000000000ffff0102030437022001000000000000000000000000345615 03"
            .replace(" ", ""));
  }

  private static void assertPlain(DiscoMessage message, String hex) throws Exception {
    assertThat(HEX.formatHex(message.encode())).isEqualTo(hex);
    assertThat(HEX.formatHex(DiscoMessage.decode(HEX.parseHex(hex)).encode())).isEqualTo(hex);
  }

  @Test
  void sealedPackets() throws Exception {
    assertSealed(
        new DiscoMessage.Ping(TX, A.nodeId().toBytes(), 0),
        "5453f09f92ac8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c530ed2ed93fa59c9206ce6e8fcff505907703f7e028a"
            + "aa29b948fdaf51b5953e403356ef5d103f39dbe91a2ed4414caf48d2c483f2e861c2b6070fc2c85a404142434445464748494a4b4c4d4e4f50515253"
            + "54555657");
    assertSealed(
        new DiscoMessage.Pong(TX, Optional.of(SocketAddrs.parse("2.3.4.5:1234")), Optional.empty()),
        "5453f09f92ac8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5cec4fd511bf83e61613d604bc845a730304703f7e028a"
            + "aa29b948fdaf51b51fb6a3ee22e6ac85c26b003bd9968a37831a45404142434445464748494a4b4c4d4e4f5051525354555657");
    assertSealed(
        new DiscoMessage.Pong(
            TX,
            Optional.empty(),
            Optional.of(RelayUrl.parse("https://euw1-1.relay.iroh.network./"))),
        "5453f09f92ac8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c988c8c952252a0555fa61cf6ad885c1304703f7e028a"
            + "aa29b948fdaf51b51eded79a529596aaed0e75b317b9b81df4ad2d0ca0398981fdde1068deb9d069f34b9d62404142434445464748494a4b4c4d4e4f"
            + "5051525354555657");
    assertSealed(
        new DiscoMessage.CallMeMaybe(
            List.of(SocketAddrs.parse("1.2.3.4:567"), SocketAddrs.parse("[2001::3456]:789"))),
        "5453f09f92ac8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c7fcdbdde9dd00db67888221f13a242ca05703e7c018e"
            + "af2fbe40f4a5a5461eb4a0ea15e48c84c26b00c42694893386c8416ded41f5f0404142434445464748494a4b4c4d4e4f5051525354555657");
  }

  private static void assertSealed(DiscoMessage message, String hex) throws Exception {
    byte[] packet = DiscoPacket.seal(A.nodeId().toBytes(), key(), message.encode(), NONCE);
    assertThat(HEX.formatHex(packet)).isEqualTo(hex);
    assertThat(DiscoPacket.open(key(), packet)).isEqualTo(message.encode());
    assertThat(DiscoPacket.sender(packet)).isEqualTo(A.nodeId().toBytes());
  }

  @Test
  void packetsMadeByRealIrohOpen() throws Exception {
    byte[] pong =
        HEX.parseHex(
            "5453f09f92ac8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c57363bd8704d30831ab1e3bc259ea84214cc1064e1b4"
                + "9baa314544406d7e6dea53790c732238b4c206218ddbc6640ce5a1fbc34ae78204a35e0874e7b3a40ad0b4235e0154f86b1bad");
    assertThat(HEX.formatHex(DiscoPacket.open(key(), pong)))
        .isEqualTo("02000102030405060708090a0b0c0000000000000000000000ffff7f000001a0e6");
  }

  @Test
  void thePingBackOfRealIrohOpens() throws Exception {
    byte[] ping =
        HEX.parseHex(
            "5453f09f92ac8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c56655421bbc26d15ed125533118afdbf31d32af1e9e8"
                + "d3387a683ec30bc50e433b47f1a17ea968b894f8414258ca9b3934ffbf98218a79fa9eb9e4b5333bf5ebf0d0dd7ef84c7cc3b27eac37c21e51aa4134"
                + "98e49c7c");
    byte[] plain = DiscoPacket.open(key(), ping);
    assertThat(HEX.formatHex(plain))
        .isEqualTo(
            "0100099cbd8f6b195d63484ea53b8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
    assertThat(DiscoMessage.decode(plain))
        .isInstanceOfSatisfying(
            DiscoMessage.Ping.class, p -> assertThat(p.nodeKey()).isEqualTo(A.nodeId().toBytes()));
  }

  /** Section 8.2. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000000000000000000000000000,5046adc1dba838867b2bbbfdd0c3423e58b57970b5267a90f57960924a87f156,5bf55c73b82ebe22be80f3430667af570fae2556a6415e6b30d4065300aa947d",
    "0101010101010101010101010101010101010101010101010101010101010101,58e86efb75fa4e2c410f46e16de9f6acae1a1703528651b69bc176c088bef36e,1b1b58dd50ea14b60da17b790cd02754d970c9bab864ebb3c0f3016fe51d3f57",
    "0808080808080808080808080808080808080808080808080808080808080808,3826c9c31226edde9501fd2589203cb3e6fe737876a845512b53ada2fa2ace74,899abcb61e203a8c03613c9f7524d4efcf609db0c80d8e8d0fbabd93430c5323",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,3894eea49c580aef816935762be049559d6d1440dede12e6a125f1841fff8e6f,4701d08488451f545a409fb58ae3e58581ca40ac3f7f114698cd71deac73ca01",
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,307c83864f2833cb427a2ef1c00a013cfdff2768d980c0a3a520f006904de94f,d85e07ec22b0ad881537c2f44d662d1a143cf830c57aca4305d85c7a90f6b62e"
  })
  void keyConversion(String seed, String scalar, String u) {
    SecretKey key = SecretKey.ofBytes(HEX.parseHex(seed));
    assertThat(HEX.formatHex(key.toX25519())).isEqualTo(scalar);
    assertThat(HEX.formatHex(key.nodeId().toX25519())).isEqualTo(u);
  }

  @Test
  void keyConversionOfAnIdAlone() throws Exception {
    assertThat(
            HEX.formatHex(
                NodeId.parse("ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6")
                    .toX25519()))
        .isEqualTo("de4504ab841336f1091e83b76fdfe6eebdf6b9b8197dc9e08e90d14199c5f52a");
  }

  @Test
  void aChangedByteOrAnotherKeyOpensNothing() {
    byte[] packet = DiscoPacket.seal(A.nodeId().toBytes(), key(), new byte[] {3, 0}, NONCE);
    for (int i = DiscoPacket.HEADER; i < packet.length; i++) {
      byte[] changed = packet.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> DiscoPacket.open(key(), changed)).isInstanceOf(DiscoException.class);
    }
    byte[] other = DiscoPacket.boxKey(A.toX25519(), SecretKey.generate().nodeId().toX25519());
    assertThatThrownBy(() -> DiscoPacket.open(other, packet)).isInstanceOf(DiscoException.class);
  }

  @Test
  void anyBytesAreAMessageOrADiscoException() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] plain = new byte[random.nextInt(120)];
      random.nextBytes(plain);
      if (plain.length > 1) {
        plain[0] = (byte) random.nextInt(5);
        plain[1] = 0;
      }
      try {
        DiscoMessage.decode(plain);
      } catch (DiscoException expected) {
        assertThat(expected.fault()).as("seed " + seed).isNotNull();
      }
    }
  }
}
