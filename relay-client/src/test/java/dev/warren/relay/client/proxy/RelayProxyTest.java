package dev.warren.relay.client.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayProxyTest {
  @ParameterizedTest
  @CsvSource({
    "http://proxy.test, false, proxy.test, 80",
    "https://proxy.test./, true, proxy.test, 443",
    "HTTP://proxy.test:3128, false, proxy.test, 3128",
    "http://[::1]:8080, false, ::1, 8080"
  })
  void aUrlIsRead(String url, boolean secure, String host, int port) {
    RelayProxy proxy = RelayProxy.parse(url);
    assertThat(proxy.isSecure()).isEqualTo(secure);
    assertThat(proxy.host()).isEqualTo(host);
    assertThat(proxy.port()).isEqualTo(port);
    assertThat(proxy.authorization()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // RFC 7617 section 2, and credentials that the URL alphabet of base64 would spell otherwise.
    "http://Aladdin:open%20sesame@p, Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "http://a:%3f%3f%3f%3e@p, Basic YTo/Pz8+",
    "http://user@p, Basic dXNlcjo=",
    "http://a+b:c@p, Basic YStiOmM="
  })
  void credentialsAreInStandardBase64(String url, String header) {
    assertThat(RelayProxy.parse(url).authorization()).contains(header);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "proxy:3128",
        "socks5://user:secret@proxy",
        "http://",
        "http://user:secret@proxy:0",
        "http://user:secret@proxy:70000",
        "http://user:secret@ proxy"
      })
  void whatIsNoProxyIsRefusedWithoutRepeatingTheCredentials(String url) {
    assertThatThrownBy(() -> RelayProxy.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains("proxy")
        .doesNotContain("secret");
  }

  @Test
  void thePasswordIsNotShown() {
    assertThat(RelayProxy.parse("http://user:secret@[::1]:1")).hasToString("http://[::1]:1");
  }
}
