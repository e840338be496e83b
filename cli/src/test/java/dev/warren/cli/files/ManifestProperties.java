package dev.warren.cli.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** The list of files and the names in it, from a sender who wishes us ill. */
class ManifestProperties {
  private static final long MEMORY = 64 << 20;
  private static final Path TARGET = Path.of("/tmp/target");

  /** Trees: each folder of the list may hold the entries after it. */
  @Provide
  Arbitrary<Manifest> trees() {
    Arbitrary<Long> sizes = Arbitraries.longs().between(0, 1L << 40);
    return Combinators.combine(
            names(), sizes.list().ofMaxSize(8), Arbitraries.longs(), Arbitraries.of(true, false))
        .as(ManifestProperties::tree)
        .withoutEdgeCases();
  }

  private static Manifest tree(byte[] name, List<Long> sizes, long mtime, boolean deep) {
    List<Manifest.Entry> entries = new ArrayList<>();
    entries.add(new Manifest.Entry(true, false, mtime, 0, List.of()));
    List<byte[]> folder = List.of();
    for (int i = 0; i < sizes.size(); i++) {
      List<byte[]> path = new ArrayList<>(folder);
      path.add(new byte[] {(byte) ('a' + i)});
      boolean isFolder = deep && i % 2 == 0;
      entries.add(
          new Manifest.Entry(isFolder, !isFolder, mtime, isFolder ? 0 : sizes.get(i), path));
      folder = isFolder ? path : folder;
    }
    return new Manifest(name, entries);
  }

  @Provide
  Arbitrary<byte[]> names() {
    return Arbitraries.bytes()
        .array(byte[].class)
        .ofMinSize(1)
        .ofMaxSize(FileNames.MAX_BYTES)
        .filter(n -> FileNames.fault(n) == null);
  }

  @Provide
  Arbitrary<byte[]> encodings() throws IOException {
    return HostileInput.bytes(
        tree(new byte[] {'r'}, List.of(1L, 2L, 3L), 5, true).encode(),
        new Manifest(new byte[] {'f'}, List.of(new Manifest.Entry(false, true, 5, 1000, List.of())))
            .encode());
  }

  @Provide
  Arbitrary<byte[]> hostileNames() {
    return HostileInput.bytes(
        ascii("name"),
        ascii(".."),
        ascii("."),
        ascii("../x"),
        ascii("/etc/passwd"),
        ascii("a\0b"),
        ascii("%2e%2e%2f"),
        ascii("\u00c0\u00ae"),
        ascii("\u00ff\u00fe"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Property(tries = 200)
  void aTreeComesBackFromItsBytes(@ForAll("trees") Manifest manifest) throws Exception {
    byte[] encoded = manifest.encode();
    Manifest decoded = Manifest.decode(encoded);
    assertThat(decoded.encode()).isEqualTo(encoded);
    assertThat(decoded.bytes()).isEqualTo(manifest.bytes());
    assertThat(decoded.files()).isEqualTo(manifest.files());
  }

  @Property(tries = 1000)
  void anyBytesAreATreeBelowTheTargetOrAreRefused(@ForAll("encodings") byte[] bytes)
      throws Exception {
    check(bytes);
  }

  static void check(byte[] bytes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try {
            Manifest manifest = Manifest.decode(bytes);
            assertThat(manifest.bytes()).isNotNegative();
            assertThat(Manifest.decode(manifest.encode()).encode()).isEqualTo(manifest.encode());
            for (Manifest.Entry entry : manifest.entries()) {
              checkBelow(manifest, entry);
            }
          } catch (FileTransferException refused) {
            assertThat(refused).hasMessageNotContaining("null");
            assertThat(refused.getMessage().length()).isLessThan(500);
            assertThat(refused.getMessage()).doesNotContainPattern("\\p{Cc}");
          }
        });
  }

  private static void checkBelow(Manifest manifest, Manifest.Entry entry) {
    Path path = FileNames.resolve(TARGET, manifest.name());
    for (byte[] component : entry.path()) {
      path = FileNames.resolve(path, component);
    }
    assertThat(path.normalize()).isEqualTo(path).startsWithRaw(TARGET);
    assertThat(path.getNameCount()).isEqualTo(TARGET.getNameCount() + 1 + entry.path().size());
    assertThat(entry.shown(manifest)).doesNotContainPattern("\\p{Cc}");
  }

  @Property(tries = 600)
  void anyNameIsOneComponentBelowTheTargetOrHasAFault(@ForAll("hostileNames") byte[] name)
      throws Exception {
    checkName(name);
  }

  static void checkName(byte[] name) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          assertThat(FileNames.shown(name)).doesNotContainPattern("\\p{Cc}");
          if (FileNames.fault(name) == null) {
            Path path = FileNames.resolve(TARGET, name);
            assertThat(path.getParent()).isEqualTo(TARGET);
            assertThat(path.normalize()).isEqualTo(path);
            assertThat(FileNames.nameOf(path)).isEqualTo(name);
          }
        });
  }

  @Property(tries = 200)
  void aNameIsTheBytesThatTheFileSystemHolds(@ForAll("names") byte[] name) {
    Path path = FileNames.resolve(TARGET, name);
    assertThat(FileNames.nameOf(path)).isEqualTo(name);
    assertThat(FileNames.nameOf(TARGET.resolve(path))).isEqualTo(name);
  }

  @Property(tries = 200)
  void twoNamesAreTwoPaths(
      @ForAll("names") byte[] a, @ForAll("names") byte[] b, @ForAll @Size(max = 3) byte[] suffix) {
    byte[] longer = Arrays.copyOf(a, a.length + suffix.length);
    System.arraycopy(suffix, 0, longer, a.length, suffix.length);
    for (byte[] other : List.of(b, longer)) {
      if (FileNames.fault(other) == null) {
        assertThat(FileNames.resolve(TARGET, a).equals(FileNames.resolve(TARGET, other)))
            .isEqualTo(Arrays.equals(a, other));
      }
    }
  }
}
