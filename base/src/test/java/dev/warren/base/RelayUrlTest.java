package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Relay URLs at the border of what is read. */
class RelayUrlTest {
  private static final int LONGEST = 2048;

  @Test
  void aUrlThatNormalisingMakesTooLongIsRefusedSinceItCouldNotBeReadAgain() throws Exception {
    String longest = "https://a/" + "p".repeat(LONGEST - 11);
    RelayUrl url = RelayUrl.parse(longest);
    assertThat(url.toDotted()).hasSize(LONGEST);
    assertThat(RelayUrl.parse(url.toDotted())).isEqualTo(url);
    assertThatThrownBy(() -> RelayUrl.parse(longest + "p"))
        .isInstanceOf(RelayUrlParseException.class)
        .hasMessageContaining("at most 2048");
    // Without a path one is added.
    assertThatThrownBy(() -> RelayUrl.parse("https://127.0.0.1?" + "q".repeat(LONGEST - 18)))
        .isInstanceOf(RelayUrlParseException.class);
  }
}
