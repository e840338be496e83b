package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that look like addresses. */
class SocketAddrsTest {
  /** {@code InetAddress.getByName} would ask the DNS for the first three of these. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "256.0.0.1:80",
        "[.:]:80",
        "999.999.999.999:80",
        "010.0.0.1:80",
        "1.2.3.4:+80",
        "1.2.3.4:-0",
        "1.2.3.4:٨٠",
        "1.2.3.4:080",
        "1.2.3.4:65536",
        "1.2.3:80",
        "[1.2.3.4]:80",
        "[::1%0]:80",
        "[::1%lo]:80",
        "[:::1]:80",
        "::1:80",
        "localhost:80",
        "1.2.3.4",
        ":80",
        ""
      })
  void whatIsNotWrittenAsAnAddressIsRefusedAndNotLookedUp(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SocketAddrs.parse(text))
        .withMessageContaining("not an address of the form");
  }
}
