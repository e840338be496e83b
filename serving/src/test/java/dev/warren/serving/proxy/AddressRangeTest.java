package dev.warren.serving.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SocketAddrs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,10.255.1.2:1,true",
    "10.0.0.0/8,11.0.0.0:1,false",
    "192.0.2.128/25,192.0.2.127:1,false",
    "192.0.2.128/25,192.0.2.200:1,true",
    "192.0.2.1,192.0.2.1:1,true",
    "192.0.2.1,192.0.2.2:1,false",
    "0.0.0.0/0,203.0.113.9:1,true",
    "0.0.0.0/0,[2001:db8::1]:1,false",
    "2001:db8::/33,[2001:db8:7fff::1]:1,true",
    "2001:db8::/33,[2001:db8:8000::1]:1,false",
    "::/0,[2001:db8::1]:1,true",
    "::/0,192.0.2.1:1,false",
    "::ffff:192.0.2.0/24,192.0.2.9:1,true"
  })
  void anAddressIsInARangeIfItsFirstBitsAre(String range, String address, boolean contains) {
    assertThat(AddressRange.parse(range).contains(SocketAddrs.parse(address).getAddress()))
        .isEqualTo(contains);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32", "::/0"})
  void whatIsPrintedIsReadAgain(String text) {
    assertThat(AddressRange.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0/8",
        "host/8",
        "::/129",
        "[::1]/8",
        "10.0.0.0/8/8",
        "10.0.0.1:80",
        "10.0.0.0/ 8",
        "256.0.0.0/8",
        "localhost"
      })
  void whatIsNoRangeIsRefusedInOneSentence(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("192.0.2.0/24");
  }
}
