package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.warren.base.SecretKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The vectors of relay-protocol sections F3, F5 and F6 for what is not a fixed string. */
class LegacyWireTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final SecretKey KEY = SecretKey.ofBytes(filled(32, 0x2a));
  private static final String CLIENT_INFO =
      "0252454c4159f09f9491197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61"
          + "88e77b22f292ab37435da8de0bc8cb84e288f4e73b3582a52731e9ff9865465c87e05e8d427df422bb6e"
          + "85e1c05f6f749837baa4a5c7eba3230d77569910430e03";

  private static byte[] filled(int n, int b) {
    byte[] bytes = new byte[n];
    Arrays.fill(bytes, (byte) b);
    return bytes;
  }

  @Test
  void aClientInfoIsTheOneOfTheVector() {
    assertThat(HEX.formatHex(ClientInfo.encode(KEY))).isEqualTo(CLIENT_INFO);
    assertThat(ClientInfo.verify(HEX.parseHex(CLIENT_INFO)))
        .contains(new ClientInfo(KEY.nodeId(), 3));
  }

  @Test
  void aClientInfoOfAnotherVersionSaysSo() {
    byte[] message = {4};
    byte[] frame = ClientInfo.encode(KEY);
    System.arraycopy(KEY.sign(message), 0, frame, 42, 64);
    frame[106] = 4;
    assertThat(ClientInfo.verify(frame)).contains(new ClientInfo(KEY.nodeId(), 4));
  }

  @Test
  void aClientInfoWithAnyByteChangedOrTooLongIsNone() {
    byte[] good = ClientInfo.encode(KEY);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      assertThat(ClientInfo.verify(bad)).as("byte %d", i).isEmpty();
    }
    assertThat(ClientInfo.verify(Arrays.copyOf(good, good.length - 1))).isEmpty();
    assertThat(ClientInfo.verify(Arrays.copyOf(good, good.length + 1))).isEmpty();
    assertThat(ClientInfo.verify(Arrays.copyOf(good, ClientInfo.MAX_FRAME + 1))).isEmpty();
  }

  @Test
  void datagramsArePackedLittleEndian() {
    ByteBuf packet = Unpooled.buffer();
    PackedDatagrams.append(packet, Unpooled.wrappedBuffer(Streams.ascii("Hello")), 0, 5);
    PackedDatagrams.append(packet, Unpooled.wrappedBuffer(Streams.ascii("xWorld!")), 1, 6);
    assertThat(ByteBufUtil.hexDump(packet)).isEqualTo("050048656c6c6f0600576f726c6421");
    int end = packet.writerIndex();
    assertThat(PackedDatagrams.lengthAt(packet, 0, end)).isEqualTo(5);
    assertThat(PackedDatagrams.lengthAt(packet, 7, end)).isEqualTo(6);
    assertThat(PackedDatagrams.lengthAt(packet, 15, end)).isEqualTo(PackedDatagrams.END);
    assertThat(PackedDatagrams.lengthAt(packet, 7, end - 1)).isEqualTo(PackedDatagrams.END);
    assertThat(PackedDatagrams.lengthAt(packet, 14, end)).isEqualTo(PackedDatagrams.END);
  }

  /** The rule that upstream tests with its larger limit: 7 and 65,528 bytes fill 65,535. */
  @Test
  void aDatagramCountsWithItsPrefix() {
    assertThat(PackedDatagrams.sizeWith(PackedDatagrams.sizeWith(0, 5), 65_526)).isEqualTo(65_535);
    assertThat(PackedDatagrams.sizeWith(0, PackedDatagrams.MAX_DATAGRAM))
        .isEqualTo(PackedDatagrams.MAX_PACKET)
        .isEqualTo(65_504);
  }

  @Test
  void theHeaderOfTheExporterIsTheOneOfTheVector() {
    byte[] material =
        HEX.parseHex("7539d014c42ca30fe7b77950416d60d56fef2e24aaa04c6d79778d50aaf9f7e9");
    String header =
        "GX9rI-FshTLGq8g4-s1ep4m-DHaykgM0A5v6iz02jWFAobjDcXu_aCR9X_q8U1lhfYdDqoXH0fe3qL3VWIUab-fn"
            + "Ulpq0AFZnHRHSX869trWWpxEUzO58aye0jhmc8PcCm_vLiSqoExteXeNUKr59-k";
    assertThat(ExporterProof.encode(KEY, material)).isEqualTo(header);
    ExporterProof proof = ExporterProof.decode(header);
    assertThat(proof.id()).isEqualTo(KEY.nodeId());
    assertThat(proof.isValidFor(material)).isTrue();
    for (int i = 0; i < material.length; i++) {
      byte[] other = material.clone();
      other[i] ^= 1;
      assertThat(proof.isValidFor(other)).as("byte %d", i).isFalse();
    }
  }

  @Test
  void whatIsNoProofIsRefused() {
    String header = ExporterProof.encode(KEY, new byte[32]);
    String point = "02" + "00".repeat(31); // not on the curve
    byte[] bytes = HEX.parseHex(point + "40" + "00".repeat(80));
    String noKey = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    for (String bad : List.of("", "!", header.substring(4), header + "=", noKey, "+" + header)) {
      assertThatIllegalArgumentException().as(bad).isThrownBy(() -> ExporterProof.decode(bad));
    }
  }
}
