package dev.warren.serving.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Headers of proxies, and TLS greetings, from anybody. */
class FrontProperties {
  private static final long MEMORY = 32 << 20;

  @Provide
  Arbitrary<byte[]> proxyHeaders() {
    return HostileInput.bytes(
        ascii("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"),
        ascii("PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n"),
        ascii("PROXY UNKNOWN\r\n"),
        HexFormat.of().parseHex("0d0a0d0a000d0a515549540a2111000cc0000207c6336401dc0401bb"));
  }

  @Provide
  Arbitrary<byte[]> greetings() throws Exception {
    return HostileInput.bytes(
        ClientHelloTest.greeting("TLSv1.3", Optional.of("relay.example.test"), "acme-tls/1"),
        ClientHelloTest.greeting("TLSv1.2", Optional.of("relay.example.test"), "h2"));
  }

  @Property
  void anyBytesAreReadAsAGreeting(@ForAll("greetings") byte[] body) throws Exception {
    ClientHelloTest.check(body);
  }

  @Provide
  Arbitrary<String> forwarded() {
    return HostileInput.text(
        "for=192.0.2.43, for=\"[2001:db8::17]:4711\";proto=http;by=203.0.113.43",
        "192.0.2.1, [2001:db8::1]:443, 2001:db8::2, unknown",
        "For=\"_gazonk\"");
  }

  @Provide
  Arbitrary<byte[]> ips() {
    return Arbitraries.of(4, 16).flatMap(n -> Arbitraries.bytes().array(byte[].class).ofSize(n));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Property
  void anyBytesAreAProxyHeaderOrRefused(@ForAll("proxyHeaders") byte[] bytes) throws Exception {
    checkProxyHeader(bytes);
  }

  static void checkProxyHeader(byte[] bytes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          ByteBuf in = Unpooled.wrappedBuffer(bytes);
          try {
            ProxyHeader header = ProxyHeader.read(in);
            if (header == null) {
              assertThat(in.readerIndex()).isZero();
              assertThat(bytes.length).as("waits for a bounded time").isLessThan(16 + 4096);
            } else {
              assertThat(in.readerIndex()).isBetween(15, 16 + 4096);
            }
          } catch (ProxyHeader.Malformed refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }

  @Property
  void everyClientOfAProxyLineIsRead(
      @ForAll("ips") byte[] ip, @ForAll @IntRange(max = 65_535) int port) throws Exception {
    InetSocketAddress client = new InetSocketAddress(InetAddress.getByAddress(ip), port);
    boolean v4 = client.getAddress().getAddress().length == 4;
    String text = SocketAddrs.toString(client).replaceAll("[\\[\\]]|:\\d+$", "");
    String line = "PROXY " + (v4 ? "TCP4 " : "TCP6 ") + text + " " + text + " " + port + " 443\r\n";
    assertThat(ProxyHeader.read(Unpooled.wrappedBuffer(ascii(line))))
        .isEqualTo(new ProxyHeader(Optional.of(client)));
  }

  /** However it is cut: a head is read when its last byte has come, and no sooner. */
  @Property
  void aRequestThatComesInPiecesIsReadWhole(
      @ForAll @IntRange(min = 1, max = 40) int piece, @ForAll @IntRange(max = 60) int padding)
      throws Exception {
    String head = "GET / HTTP/1.1\r\nA: " + "b".repeat(padding) + "\r\n\r\n";
    byte[] bytes = (head + "rest").getBytes(StandardCharsets.US_ASCII);
    HttpRequestReader reader = new HttpRequestReader();
    ByteBuf in = Unpooled.buffer();
    HttpRequest request = null;
    for (int at = 0; request == null; at += piece) {
      in.writeBytes(bytes, at, Math.min(piece, bytes.length - at));
      request = reader.read(in);
      assertThat(request != null).isEqualTo(in.writerIndex() >= head.length());
    }
    assertThat(request.header("a")).contains("b".repeat(padding));
    assertThat(in.readerIndex()).isEqualTo(head.length());
  }

  @Property
  void anyTextOfForwardedIsReadWithinBounds(@ForAll("forwarded") String text) throws Exception {
    checkForwarded(text);
  }

  static void checkForwarded(String text) throws Exception {
    HttpRequest request =
        new HttpRequest(
            "GET", "/", Map.of("forwarded", List.of(text), "x-forwarded-for", List.of(text)));
    Bounded.run(
        256 << 20,
        () -> {
          int most = Math.min(ForwardedFor.MOST, text.length() + 1);
          assertThat(ForwardedFor.forwarded(request).size()).isLessThanOrEqualTo(most);
          assertThat(ForwardedFor.xForwardedFor(request).size()).isLessThanOrEqualTo(most);
        });
  }

  @Property
  void everyAddressOfForwardedIsRead(
      @ForAll("ips") byte[] ip, @ForAll @IntRange(min = 1, max = 65_535) int port)
      throws Exception {
    InetSocketAddress client = new InetSocketAddress(InetAddress.getByAddress(ip), port);
    String text = SocketAddrs.toString(client);
    HttpRequest request =
        new HttpRequest(
            "GET",
            "/",
            Map.of(
                "forwarded", List.of("proto=https;for=\"" + text + "\""),
                "x-forwarded-for", List.of(text)));
    assertThat(ForwardedFor.forwarded(request)).containsExactly(Optional.of(client));
    assertThat(ForwardedFor.xForwardedFor(request)).containsExactly(Optional.of(client));
  }
}
