package dev.warren.serving.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.wire.HttpRequest;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  private static final List<AddressRange> TRUSTED =
      List.of(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("2001:db8:ff::/48"));

  private static Optional<InetSocketAddress> client(
      String peer, Map<String, List<String>> headers) {
    return ClientAddress.of(
        SocketAddrs.parse(peer), new HttpRequest("GET", "/relay", headers), TRUSTED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.1:5|198.51.100.7|198.51.100.7:0",
        "10.0.0.1:5|198.51.100.7:99|198.51.100.7:99",
        "10.0.0.1:5|2001:db8::7|[2001:db8::7]:0",
        "10.0.0.1:5|[2001:db8::7]|[2001:db8::7]:0",
        "10.0.0.1:5|[2001:db8::7]:99|[2001:db8::7]:99",
        "[2001:db8:ff::1]:5|198.51.100.7|198.51.100.7:0",
        "10.0.0.1:5|1.2.3.4, 198.51.100.7|198.51.100.7:0", // the first was the client's own
        "10.0.0.1:5|198.51.100.7, 10.9.9.9|198.51.100.7:0", // through two proxies
        "10.0.0.1:5|10.1.1.1, 10.9.9.9|10.1.1.1:0", // a client inside
        "10.0.0.1:5|198.51.100.7, unknown|10.0.0.1:5", // the nearest proxy does not know
        "10.0.0.1:5|198.51.100.7, unknown, 10.9.9.9|10.9.9.9:0",
        "10.0.0.1:5|garbage|10.0.0.1:5",
        "10.0.0.1:5|''|10.0.0.1:5",
        "198.51.100.9:5|1.2.3.4|198.51.100.9:5", // no proxy of ours
        "11.0.0.1:5|1.2.3.4|11.0.0.1:5"
      })
  void onlyTrustedProxiesSayWhoTheClientIs(String peer, String header, String client) {
    assertThat(client(peer, Map.of("x-forwarded-for", List.of(header))))
        .contains(SocketAddrs.parse(client));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=198.51.100.7|198.51.100.7:0",
        "proto=https; For=\"198.51.100.7:99\" ;by=10.0.0.1|198.51.100.7:99",
        "for=\"[2001:db8::7]:99\"|[2001:db8::7]:99",
        "for=1.2.3.4, for=198.51.100.7|198.51.100.7:0",
        "for=\"1.2.3.4, for=198.51.100.7\"|10.0.0.1:5", // one quoted name that is no address
        "for=_hidden|10.0.0.1:5",
        "by=1.2.3.4|10.0.0.1:5"
      })
  void theStandardHeaderIsReadToo(String header, String client) {
    assertThat(client("10.0.0.1:5", Map.of("forwarded", List.of(header))))
        .contains(SocketAddrs.parse(client));
  }

  @Test
  void severalHeadersAreOneList() {
    assertThat(
            client(
                "10.0.0.1:5",
                Map.of("x-forwarded-for", List.of("1.2.3.4", "198.51.100.7", "10.9.9.9"))))
        .contains(SocketAddrs.parse("198.51.100.7:0"));
  }

  @Test
  void headersThatContradictEachOtherAreRefused() {
    Map<String, List<String>> headers =
        Map.of("x-forwarded-for", List.of("1.2.3.4"), "forwarded", List.of("for=198.51.100.7"));
    assertThat(client("10.0.0.1:5", headers)).isEmpty();
    assertThat(client("198.51.100.9:5", headers)).contains(SocketAddrs.parse("198.51.100.9:5"));
  }

  @Test
  void headersThatAgreeAreFine() {
    Map<String, List<String>> headers =
        Map.of(
            "x-forwarded-for", List.of("198.51.100.7"), "forwarded", List.of("for=198.51.100.7"));
    assertThat(client("10.0.0.1:5", headers)).contains(SocketAddrs.parse("198.51.100.7:0"));
  }
}
