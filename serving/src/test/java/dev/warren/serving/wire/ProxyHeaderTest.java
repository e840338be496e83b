package dev.warren.serving.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SocketAddrs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static ByteBuf line(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text));
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443,192.0.2.7:56324",
    "PROXY TCP6 2001:db8::7 2001:db8::1 56324 443,[2001:db8::7]:56324",
    "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535,255.255.255.255:65535"
  })
  void aLineOfVersion1NamesTheClient(String line, String client) throws Exception {
    ByteBuf in = line(line + "\r\nGET");
    assertThat(ProxyHeader.read(in))
        .isEqualTo(new ProxyHeader(Optional.of(SocketAddrs.parse(client))));
    assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("GET");
  }

  @ParameterizedTest
  @CsvSource({
    "11,000c,c0000207c6336401dc0401bb,192.0.2.7:56324",
    "11,0013,c0000207c6336401dc0401bb04000401020304,192.0.2.7:56324", // with an extension
    "21,0024,20010db800000000000000000000000720010db8000000000000000000000001dc0401bb,"
        + "[2001:db8::7]:56324",
    // An IPv4-mapped address is IPv4.
    "21,0024,00000000000000000000ffffc000020700000000000000000000ffffc6336401dc0401bb,"
        + "192.0.2.7:56324"
  })
  void aHeaderOfVersion2NamesTheClient(String family, String length, String body, String client)
      throws Exception {
    ByteBuf in = hex(SIGNATURE + "21" + family + length + body + "474554");
    assertThat(ProxyHeader.read(in))
        .isEqualTo(new ProxyHeader(Optional.of(SocketAddrs.parse(client))));
    assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("GET");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SIGNATURE + "20000000", // LOCAL, a health check
        SIGNATURE + "2011000cc0000207c6336401dc0401bb", // LOCAL: addresses do not count
        SIGNATURE + "21000000", // unspecified
        SIGNATURE + "2112000cc0000207c6336401dc0401bb", // UDP
        "50524f585920554e4b4e4f574e0d0a", // PROXY UNKNOWN
        "50524f585920554e4b4e4f574e20612062206320640d0a" // PROXY UNKNOWN a b c d
      })
  void aProxyMaySpeakForNobody(String header) throws Exception {
    ByteBuf in = hex(header);
    assertThat(ProxyHeader.read(in)).isEqualTo(new ProxyHeader(Optional.empty()));
    assertThat(in.isReadable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 056324 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.1 1 443\r\n",
        "PROXY TCP4 host 198.51.100.1 1 443\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 1 443\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 1 443\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 1 443\r\n",
        "PROXY  TCP4 192.0.2.7 198.51.100.1 1 443\r\n",
        "PROXY \r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 443\n"
      })
  void whatIsNoLineIsRefused(String line) {
    assertThatThrownBy(() -> ProxyHeader.read(line(line)))
        .isInstanceOf(ProxyHeader.Malformed.class);
  }

  @Test
  void aLineWithoutAnEndIsRefusedWhenItIsTooLong() throws Exception {
    assertThat(ProxyHeader.read(line("PROXY UNKNOWN" + " ".repeat(93)))).isNull();
    assertThatThrownBy(() -> ProxyHeader.read(line("PROXY UNKNOWN" + " ".repeat(94))))
        .isInstanceOf(ProxyHeader.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SIGNATURE + "11110000", // version 1
        SIGNATURE + "22110000", // an unknown command
        SIGNATURE + "2111000bc0000207c6336401dc0401", // too short
        SIGNATURE + "21211000", // 36 are needed, 4096 may be
        SIGNATURE + "21111001" // longer than is read
      })
  void whatIsNoHeaderOfVersion2IsRefused(String header) throws Exception {
    if (header.endsWith("1000")) {
      assertThat(ProxyHeader.read(hex(header))).isNull();
    } else {
      assertThatThrownBy(() -> ProxyHeader.read(hex(header)))
          .isInstanceOf(ProxyHeader.Malformed.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SIGNATURE + "2111000cc0000207c6336401dc0401bb",
        "50524f58592054435034203139322e302e322e37203139322e302e322e382031203434330d0a"
      })
  void aHeaderMayComeByteByByte(String header) throws Exception {
    byte[] all = HexFormat.of().parseHex(header);
    for (int n = 0; n < all.length; n++) {
      ByteBuf part = Unpooled.wrappedBuffer(all, 0, n);
      assertThat(ProxyHeader.read(part)).isNull();
      assertThat(part.readerIndex()).isZero();
    }
    assertThat(ProxyHeader.read(Unpooled.wrappedBuffer(all))).isNotNull();
  }
}
