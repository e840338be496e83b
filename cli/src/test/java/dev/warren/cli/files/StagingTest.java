package dev.warren.cli.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a receiver keeps until a transfer is whole. */
class StagingTest {
  @TempDir Path out;

  private static Manifest single(long size) {
    return new Manifest(bytes("f"), List.of(new Manifest.Entry(false, false, 0, size, List.of())));
  }

  private static Manifest folder(String... files) {
    List<Manifest.Entry> entries = new ArrayList<>();
    entries.add(new Manifest.Entry(true, false, 0, 0, List.of()));
    for (String file : files) {
      entries.add(new Manifest.Entry(false, false, 0, 1, List.of(bytes(file))));
    }
    return new Manifest(bytes("d"), entries);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static void write(Staging staging, int index, String text) throws IOException {
    try (FileChannel file = staging.open(index)) {
      file.write(ByteBuffer.wrap(bytes(text)));
    }
    staging.completed(index, Blake3.of(bytes(text)));
  }

  private Path hidden() throws IOException {
    try (Stream<Path> all = Files.list(out)) {
      return all.filter(p -> p.getFileName().toString().startsWith(".warren")).findFirst().get();
    }
  }

  @Test
  void aFileThatAppearsMeanwhileIsNotReplaced() throws Exception {
    Path target = out.resolve("f");
    try (Staging staging = Staging.open(out, single(3))) {
      write(staging, 0, "new");
      Files.writeString(target, "mine");
      assertThatThrownBy(() -> staging.publish(target, false))
          .isInstanceOf(FileTransferException.class)
          .hasMessageContaining("appeared meanwhile");
      assertThat(target).hasContent("mine");
      Files.delete(target);
      staging.publish(target, false);
    }
    assertThat(target).hasContent("new");
    assertThat(out.toFile().list()).containsExactly("f");
  }

  @Test
  void aFolderThatAppearsMeanwhileIsNotReplaced() throws Exception {
    Path target = out.resolve("d");
    try (Staging staging = Staging.open(out, folder("x"))) {
      staging.createFolder(0);
      write(staging, 1, "n");
      Files.createDirectory(target);
      Files.writeString(target.resolve("x"), "mine");
      assertThatThrownBy(() -> staging.publish(target, false))
          .isInstanceOf(FileTransferException.class)
          .hasMessageContaining("appeared meanwhile");
    }
    assertThat(target.resolve("x")).hasContent("mine");
  }

  @Test
  void aFolderReplacesAFileAndAFileAFolder() throws Exception {
    Files.writeString(out.resolve("d"), "a file");
    try (Staging staging = Staging.open(out, folder("x"))) {
      staging.createFolder(0);
      write(staging, 1, "n");
      staging.publish(out.resolve("d"), true);
    }
    assertThat(out.resolve("d/x")).hasContent("n");
    Files.createDirectory(out.resolve("f"));
    Files.writeString(out.resolve("f/old"), "old");
    try (Staging staging = Staging.open(out, single(3))) {
      write(staging, 0, "new");
      staging.publish(out.resolve("f"), true);
    }
    assertThat(out.resolve("f")).hasContent("new");
    assertThat(out.toFile().list()).containsExactlyInAnyOrder("d", "f");
  }

  @Test
  void whatCannotBeReplacedIsPutBack() throws Exception {
    Path target = Files.createDirectory(out.resolve("old"));
    Files.writeString(target.resolve("x"), "mine");
    Path aside = out.resolve("aside");
    assertThatThrownBy(() -> Publication.publish(out.resolve("absent"), target, true, aside))
        .isInstanceOf(FileTransferException.class);
    assertThat(target.resolve("x")).hasContent("mine");
    assertThat(aside).doesNotExist();
  }

  @Test
  void namesThatAreOneOnTheFileSystemAreRefusedAtOnceAndWhenResumed() throws Exception {
    Manifest manifest = folder("A", "a");
    try (Staging staging = Staging.open(out, manifest)) {
      staging.createFolder(0);
      write(staging, 1, "n");
      // As a file system does that does not tell them apart.
      Files.createLink(staging.path(2), staging.path(1));
      assertThatThrownBy(() -> staging.open(2))
          .isInstanceOf(FileTransferException.class)
          .hasMessageContainingAll("d/A", "d/a");
      assertThat(staging.path(1)).hasContent("n");
    }
    assertThatThrownBy(() -> Staging.open(out, manifest))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContainingAll("d/A", "d/a");
  }

  @Test
  void anEmptyFileWhoseNameWasLostIsFetchedAgain() throws Exception {
    try (Staging staging = Staging.open(out, single(0))) {
      write(staging, 0, "");
    }
    try (Staging staging = Staging.open(out, single(0))) {
      assertThat(staging.lacking()).isEmpty();
      Files.delete(staging.path(0));
    }
    try (Staging staging = Staging.open(out, single(0))) {
      assertThat(staging.lacking()).containsExactly(0);
    }
  }

  @Test
  void theHiddenFolderIsPrivateAlsoIfAnEarlierOneWasNot() throws Exception {
    for (int i = 0; i < 2; i++) {
      Staging.open(out, single(3)).close();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(hidden())))
          .isEqualTo("rwx------");
      Files.setPosixFilePermissions(hidden(), PosixFilePermissions.fromString("rwxrwxrwx"));
    }
  }

  @Test
  void aLinkIsNotTakenForTheHiddenFolder() throws Exception {
    Staging.open(out, single(3)).close();
    Path hidden = hidden();
    Path elsewhere = out.resolve("elsewhere");
    Files.move(hidden, elsewhere);
    Files.createSymbolicLink(hidden, elsewhere);
    assertThatThrownBy(() -> Staging.open(out, single(3)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("is not a folder");
  }
}
