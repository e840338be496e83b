package dev.warren.discovery.dht.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("trouble")
class BencodeTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0:",
        "4:spam",
        "i0e",
        "i-42e",
        "i9223372036854775807e",
        "i-9223372036854775808e",
        "le",
        "l4:spami1ee",
        "de",
        "d0:le1:ai1e2:aa0:1:b0:1:\u00ff0:e",
        "d1:ad2:id1:xe1:yle1:zi0ee"
      })
  void whatIsWrittenTheOneWayComesBack(String text) throws Exception {
    assertThat(Bencode.parse(bytes(text)).encode()).isEqualTo(bytes(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        ":",
        "-1:x",
        "+1:x",
        "01:x",
        "00:",
        "5:spam",
        "9999:x",
        "99999999999:x",
        "ie",
        "i-e",
        "i-0e",
        "i01e",
        "i+1e",
        "i1",
        "i 1e",
        "i9223372036854775808e",
        "i111111111111111111111111111e",
        "l",
        "li1e",
        "d",
        "d1:a",
        "d1:ae",
        "di1ei1ee",
        "d1:bi1e1:ai1ee",
        "d1:ai1e1:ai1ee",
        "i1ei2e",
        "4:spam ",
        "e"
      })
  void everythingElseIsRefused(String text) {
    assertThatThrownBy(() -> Bencode.parse(bytes(text)))
        .isInstanceOf(DhtFormatException.class)
        .hasMessageMatching(".+");
  }

  @Test
  void aThousandListsInEachOtherAreRefused() throws Exception {
    String deepest = "l".repeat(Bencode.MAX_DEPTH) + "e".repeat(Bencode.MAX_DEPTH);
    assertThat(Bencode.parse(bytes(deepest)).encode()).isEqualTo(bytes(deepest));
    assertThatThrownBy(() -> Bencode.parse(bytes("l" + deepest + "e")))
        .isInstanceOf(DhtFormatException.class);
    assertThatThrownBy(() -> Bencode.parse(bytes("l".repeat(1000))))
        .isInstanceOf(DhtFormatException.class);
  }

  @Test
  void whatIsLargerThanAnyMessageIsRefusedUnread() {
    byte[] large = bytes("5000:" + "x".repeat(5000));
    assertThatThrownBy(() -> Bencode.parse(large))
        .isInstanceOf(DhtFormatException.class)
        .hasMessageContaining("too many");
  }
}
