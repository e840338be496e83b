package dev.warren.cli.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A list of files from a hostile sender names nothing outside the target folder. */
class ManifestTest {
  private static Manifest.Entry folder(String... path) {
    return new Manifest.Entry(true, false, 0, 0, bytes(path));
  }

  private static Manifest.Entry file(long size, String... path) {
    return new Manifest.Entry(false, false, 5, size, bytes(path));
  }

  private static List<byte[]> bytes(String... path) {
    return Arrays.stream(path).map(p -> p.getBytes(ISO_8859_1)).toList();
  }

  private static byte[] encode(String name, Manifest.Entry... entries) throws Exception {
    return new Manifest(name.getBytes(ISO_8859_1), List.of(entries)).encode();
  }

  @Test
  void aTreeRoundTrips() throws Exception {
    byte[] encoded =
        encode("\u00ff odd", folder(), folder("a"), file(3, "a", "-rf"), file(0, "%2F"));
    Manifest decoded = Manifest.decode(encoded);
    assertThat(decoded.encode()).isEqualTo(encoded);
    assertThat(decoded.files()).isEqualTo(2);
    assertThat(decoded.bytes()).isEqualTo(3);
    assertThat(decoded.single()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "/", "a/b", "../x", "/etc/passwd", "a\0b"})
  void aNameThatLeavesItsFolderIsRefused(String name) throws Exception {
    byte[] asRoot = encode(name, file(1));
    byte[] below = encode("ok", folder(), file(1, name));
    assertThatThrownBy(() -> Manifest.decode(asRoot)).isInstanceOf(FileTransferException.class);
    assertThatThrownBy(() -> Manifest.decode(below)).isInstanceOf(FileTransferException.class);
  }

  @Test
  void whatIsNotATreeIsRefused() throws Exception {
    for (byte[] bad :
        List.of(
            encode("r", folder(), file(1, "a"), file(1, "a")),
            encode("r", folder(), file(1, "a"), file(1, "a", "b")),
            encode("r", folder(), file(1, "nowhere", "b")),
            encode("r", file(1, "a")),
            encode("r", file(1), file(1)),
            encode("r", folder(), file(Long.MAX_VALUE, "a")),
            encode("r", folder(), file(-1, "a")),
            encode("r"))) {
      assertThatThrownBy(() -> Manifest.decode(bad)).isInstanceOf(FileTransferException.class);
    }
  }

  /** C1 controls and what turns the direction of text act on terminals too. */
  @ParameterizedTest
  @ValueSource(strings = {"\u009b31m", "\u0007", "\u007f", "\u202etxt.exe", "\u2066", "\u2028"})
  void whatActsOnATerminalIsNotShown(String name) {
    assertThat(FileNames.shown(name.getBytes(UTF_8))).startsWith("?");
  }

  @Test
  void aNameThatIsMuchTooLongIsNotShownWhole() throws Exception {
    byte[] encoded = encode("n".repeat(65_535), file(1));
    assertThatThrownBy(() -> Manifest.decode(encoded))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("has 65535 bytes")
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
  }

  /** Every name costs an object: depth must not multiply what a list takes. */
  @Test
  void aListOfVeryDeepFilesIsRefusedBeforeItFillsTheMemory() throws Exception {
    int depth = 255;
    Manifest.Entry deep = file(0, Collections.nCopies(depth, "a").toArray(String[]::new));
    int n = Manifest.MAX_COMPONENTS / depth + 2;
    byte[] encoded = new Manifest(new byte[] {'r'}, Collections.nCopies(n, deep)).encode();
    assertThat(encoded.length).isLessThan(Manifest.MAX_BYTES);
    assertThatThrownBy(() -> Manifest.decode(encoded))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("too many folders");
  }

  @Test
  void anyBytesAreDecodedOrRefused() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] good = encode("root", folder(), folder("a"), file(9, "a", "b"), file(1, "c"));
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      bytes = Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(90) : bytes.length);
      try {
        Manifest.decode(bytes);
      } catch (FileTransferException refused) {
        assertThat(refused).as("seed %d", seed).hasMessageNotContaining("null");
      }
    }
  }
}
