package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Discovery sections 12.1 and 12.2, byte for byte. */
class VectorsTest {
  private static final String R = "https://relay.example.com";

  static List<Arguments> packets() throws Exception {
    return List.of(
        Arguments.of(
            "A",
            Vectors.KEY,
            records(R + "./", null, "192.0.2.1:4433", "[2001:db8::1]:4433"),
            Vectors.A,
            "5fab6317ea7c954dcab4b9f393b61d0f353067d1bebb0dbf6eba837ad57f1b62"),
        Arguments.of(
            "B",
            Vectors.KEY,
            records(R + "./", null),
            Vectors.B,
            "5fb6094ad7c525a1994ca914c2b00bc66050b85a758e60fd67b028665a118aee"),
        Arguments.of(
            "C",
            Vectors.KEY,
            records(R + "/", "foobar", "192.0.2.1:4433"),
            Vectors.C,
            "7a4e14edd874d1c3c51b432f273d60939283fd36420e4ed0f4cbae6cb933b1f3"),
        Arguments.of(
            "D",
            Vectors.KEY,
            records(null, null),
            Vectors.D,
            "c2007d56a865b2fe70bbf6692b8910e017753935cbb18ea8174d2d2d748f7290"),
        Arguments.of(
            "E",
            Vectors.IROH,
            records("https://example.com./", "foobar", "127.0.0.1:1234"),
            Vectors.E,
            null),
        Arguments.of(
            "F",
            Vectors.IROH,
            records("https://example.com/", "foobar", "127.0.0.1:1234"),
            Vectors.F,
            null));
  }

  private static TxtRecords records(
      @Nullable String relay, @Nullable String userData, String... addrs) throws Exception {
    List<TransportAddr> all = new ArrayList<>();
    for (String addr : addrs) {
      all.add(new TransportAddr.Ip(SocketAddrs.parse(addr)));
    }
    if (relay != null) {
      // Last, as iroh 1.x has it: it is written first all the same.
      all.add(new TransportAddr.Relay(RelayUrl.parse(relay)));
    }
    return TxtRecords.of(all, userData);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("packets")
  void aPacketIsSignedByteForByte(
      String name, SecretKey key, TxtRecords records, byte[] bytes, @Nullable String sha256)
      throws Exception {
    SignedPacket packet = records.sign(key, TxtRecords.DEFAULT_TTL, Vectors.TIMESTAMP);
    assertThat(packet.toBytes()).isEqualTo(bytes);
    if (sha256 != null) {
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
          .isEqualTo(sha256);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("packets")
  void aPacketIsRead(
      String name, SecretKey key, TxtRecords records, byte[] bytes, @Nullable String sha256)
      throws Exception {
    SignedPacket packet = SignedPacket.parse(bytes);
    assertThat(packet.nodeId()).isEqualTo(key.nodeId());
    assertThat(packet.timestamp()).isEqualTo(Vectors.TIMESTAMP);
    TxtRecords read = TxtRecords.read(packet);
    assertThat(read.strings()).isEqualTo(records.strings());
    assertThat(read.skipped()).isZero();
    assertThat(
            SignedPacket.ofParts(
                key.nodeId(), packet.signature(), packet.timestamp(), packet.dns()))
        .isEqualTo(packet);
  }

  @Test
  void theSignedBytesAreThoseOfAMutableItem() throws Exception {
    assertThat(
            new String(
                SignedPacket.signedBytes(1, "Hello World!".getBytes(StandardCharsets.US_ASCII)),
                StandardCharsets.US_ASCII))
        .isEqualTo("3:seqi1e1:v12:Hello World!");
    NodeId id = NodeId.parse("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");
    assertThat(
            id.verify(
                SignedPacket.signedBytes(1, "Hello World!".getBytes(StandardCharsets.US_ASCII)),
                HexFormat.of()
                    .parseHex(
                        "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")))
        .isTrue();
    assertThat(new String(SignedPacket.signedBytes(-1, new byte[0]), StandardCharsets.US_ASCII))
        .isEqualTo("3:seqi18446744073709551615e1:v0:");
  }
}
