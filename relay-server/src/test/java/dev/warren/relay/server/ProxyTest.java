package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SocketAddrs;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whom a relay believes about whom it speaks with. 127.0.0.1 is the proxy, others are not. */
class ProxyTest {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");
  private static final String PROXY = "127.0.0.1";
  private static final String STRANGER = "127.0.0.7";
  private static final byte[] NOTHING = {};

  private final Visitor visitor = new Visitor();

  private RelayServer.Builder builder() {
    return RelayServer.builder()
        .access(visitor.access())
        .trustedProxies(List.of(AddressRange.parse(PROXY + "/32")));
  }

  private static byte[] line(String client) {
    return ("PROXY TCP4 " + client + " 127.0.0.1 4711 443\r\n").getBytes(US_ASCII);
  }

  @Test
  void aTrustedProxySaysWhoTheClientIs() throws Exception {
    try (RelayServer relay = builder().bind(LOOPBACK)) {
      Visitor.visit(PROXY, relay.boundAddress(), NOTHING, "X-Forwarded-For: 192.0.2.7\r\n");
      assertThat(visitor.seen()).isEqualTo(SocketAddrs.parse("192.0.2.7:0"));
      Visitor.visit(PROXY, relay.boundAddress(), NOTHING, "Forwarded: for=\"[2001:db8::1]:9\"\r\n");
      assertThat(visitor.seen()).isEqualTo(SocketAddrs.parse("[2001:db8::1]:9"));
    }
  }

  @Test
  void aStrangerSaysNothingAboutItself() throws Exception {
    try (RelayServer relay = builder().bind(LOOPBACK)) {
      Visitor.visit(
          STRANGER,
          relay.boundAddress(),
          NOTHING,
          "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.8\r\n");
      assertThat(visitor.seen().getAddress().getHostAddress()).isEqualTo(STRANGER);
    }
  }

  @Test
  void withoutTrustedProxiesNobodyIsBelieved() throws Exception {
    try (RelayServer relay = RelayServer.builder().access(visitor.access()).bind(LOOPBACK)) {
      Visitor.visit(PROXY, relay.boundAddress(), NOTHING, "X-Forwarded-For: 192.0.2.7\r\n");
      assertThat(visitor.seen().getAddress().getHostAddress()).isEqualTo(PROXY);
    }
  }

  @Test
  void headersThatContradictEachOtherAreRefused() throws Exception {
    try (RelayServer relay = builder().bind(LOOPBACK)) {
      assertThat(
              Visitor.visit(
                  PROXY,
                  relay.boundAddress(),
                  NOTHING,
                  "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.8\r\n"))
          .startsWith("HTTP/1.1 400 ");
      assertThat(visitor.nobodyCame()).isTrue();
    }
  }

  @Test
  void aProxyHeaderOfEitherVersionNamesTheClient() throws Exception {
    try (RelayServer relay = builder().proxyProtocol(true).bind(LOOPBACK)) {
      Visitor.visit(PROXY, relay.boundAddress(), line("192.0.2.7"), "");
      assertThat(visitor.seen()).isEqualTo(SocketAddrs.parse("192.0.2.7:4711"));
      byte[] version2 =
          HexFormat.of().parseHex("0d0a0d0a000d0a515549540a2111000cc00002077f000001126701bb");
      Visitor.visit(PROXY, relay.boundAddress(), version2, "");
      assertThat(visitor.seen()).isEqualTo(SocketAddrs.parse("192.0.2.7:4711"));
    }
  }

  /** A load balancer adds the header; what the client wrote in HTTP is then the client's word. */
  @Test
  void behindAProxyHeaderTheClientsOwnWordsAreIgnored() throws Exception {
    try (RelayServer relay = builder().proxyProtocol(true).bind(LOOPBACK)) {
      Visitor.visit(
          PROXY, relay.boundAddress(), line("192.0.2.7"), "X-Forwarded-For: 203.0.113.9\r\n");
      assertThat(visitor.seen()).isEqualTo(SocketAddrs.parse("192.0.2.7:4711"));
    }
  }

  @Test
  void aTrustedProxyWithoutTheHeaderIsCut() throws Exception {
    try (RelayServer relay = builder().proxyProtocol(true).bind(LOOPBACK)) {
      assertThatThrownBy(() -> Visitor.visit(PROXY, relay.boundAddress(), NOTHING, ""))
          .isInstanceOf(IOException.class);
      assertThat(relay.metrics()).containsEntry("proxy_refused", 1L);
      assertThat(visitor.nobodyCame()).isTrue();
    }
  }

  @Test
  void aStrangersProxyHeaderIsNoHttp() throws Exception {
    try (RelayServer relay = builder().proxyProtocol(true).bind(LOOPBACK)) {
      assertThat(Visitor.visit(STRANGER, relay.boundAddress(), line("192.0.2.7"), ""))
          .startsWith("HTTP/1.1 400 ");
      Visitor.visit(STRANGER, relay.boundAddress(), NOTHING, "");
      assertThat(visitor.seen().getAddress().getHostAddress()).isEqualTo(STRANGER);
    }
  }

  @Test
  void theProxyProtocolWithoutAProxyIsAMistake() {
    assertThatThrownBy(() -> RelayServer.builder().proxyProtocol(true).bind(LOOPBACK))
        .hasMessageContaining("none is named");
    assertThatThrownBy(
            () ->
                RelayServer.builder()
                    .proxyProtocol(true)
                    .tls(ServerTls.selfSigned(List.of("127.0.0.1")))
                    .bind(LOOPBACK))
        .hasMessageContaining("none is named");
  }
}
