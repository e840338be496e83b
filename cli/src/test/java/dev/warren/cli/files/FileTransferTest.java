package dev.warren.cli.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.PeerException;
import dev.warren.base.SocketAddrs;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.ProtocolHandler;
import dev.warren.core.Router;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files between two endpoints on loopback. */
class FileTransferTest {
  private static final Predicate<Path> NEVER = p -> false;

  @TempDir Path temp;
  private Endpoint sender;
  private Endpoint receiver;
  private Router router;

  @BeforeEach
  void bind() throws Exception {
    sender = endpoint();
    receiver = endpoint();
  }

  private static Endpoint endpoint() throws Exception {
    return Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
  }

  @AfterEach
  void close() {
    if (router != null) {
      router.close();
    }
    receiver.close();
    sender.close();
  }

  private void serve(ProtocolHandler handler) {
    if (router != null) {
      router.close();
    }
    router = Router.builder(sender).accept(FileOffer.alpn(), handler).spawn();
  }

  private void offer(Path path) throws IOException {
    FileOffer offer = FileOffer.of(path);
    serve(c -> offer.serve(c, new Meter(Long.MAX_VALUE)));
  }

  private FileFetch.Fetched fetch(Predicate<Path> mayReplace, Meter meter) throws Exception {
    try (Connection c = receiver.connect(sender.addr(), FileOffer.alpn())) {
      return new FileFetch(out(), mayReplace, meter).fetch(c);
    }
  }

  private Path out() {
    return temp.resolve("out");
  }

  private byte[] randomFile(Path path, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    Files.write(path, bytes);
    return bytes;
  }

  /** Counts, and dies when told: as a process that is killed in mid-transfer. */
  private static class Meter implements Progress {
    private final long dieAfter;
    long total;
    long present;
    long moved;

    Meter(long dieAfter) {
      this.dieAfter = dieAfter;
    }

    @Override
    public void begin(long totalBytes, long presentBytes) {
      total = totalBytes;
      present = presentBytes;
    }

    @Override
    public void moved(long bytes) {
      moved += bytes;
      if (moved > dieAfter) {
        throw new IllegalStateException("killed");
      }
    }
  }

  @Test
  void aFolderWithOddNamesArrivesAsItIs() throws Exception {
    Path root = Files.createDirectories(temp.resolve("in/fol der"));
    Files.createDirectories(root.resolve("empty"));
    Files.createDirectories(root.resolve("ü/deep"));
    randomFile(root.resolve("ü/deep/three chunks"), 700_000);
    Files.createFile(root.resolve("nothing"));
    Files.writeString(root.resolve("-rf"), "dash");
    Files.writeString(root.resolve("new\nline"), "line");
    // Not UTF-8: Java has no string for it.
    Files.writeString(Path.of(URI.create(root.toUri() + "bad%FF%FE")), "bytes");
    Files.createSymbolicLink(root.resolve("link"), Path.of("/etc/passwd"));
    root.resolve("-rf").toFile().setExecutable(true);
    offer(root);

    FileFetch.Fetched fetched = fetch(NEVER, new Meter(Long.MAX_VALUE));

    Files.delete(root.resolve("link"));
    assertThat(listing(fetched.target())).isEqualTo(listing(root)).hasSize(9);
    assertThat(fetched.target()).isEqualTo(out().toAbsolutePath().resolve("fol der"));
    assertThat(Files.isExecutable(fetched.target().resolve("-rf"))).isTrue();
    assertThat(Files.isExecutable(fetched.target().resolve("nothing"))).isFalse();
    assertThat(Files.getLastModifiedTime(fetched.target().resolve("nothing")).toMillis() / 1000)
        .isEqualTo(Files.getLastModifiedTime(root.resolve("nothing")).toMillis() / 1000);
    try (Stream<Path> left = Files.list(out())) {
      assertThat(left).as("nothing but the target").hasSize(1);
    }
  }

  private static List<String> listing(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.map(p -> describe(root, p)).sorted().toList();
    }
  }

  private static String describe(Path root, Path p) {
    try {
      String name = p.toUri().getRawPath().substring(root.toUri().getRawPath().length());
      return name + (Files.isDirectory(p) ? "" : Blake3.hex(Blake3.of(Files.readAllBytes(p))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anInterruptedReceiverResumes() throws Exception {
    byte[] content = randomFile(temp.resolve("big"), 9_000_000);
    offer(temp.resolve("big"));
    assertThatThrownBy(() -> fetch(NEVER, new Meter(4_000_000))).hasMessage("killed");
    assertThat(Files.exists(out().resolve("big"))).as("no half file under the name").isFalse();

    Meter rest = new Meter(Long.MAX_VALUE);
    FileFetch.Fetched fetched = fetch(NEVER, rest);

    assertThat(rest.present).isGreaterThanOrEqualTo(3_000_000);
    assertThat(rest.moved).isEqualTo(content.length - rest.present);
    assertThat(fetched.blake3()).isEqualTo(Blake3.hex(Blake3.of(content)));
    assertThat(Files.readAllBytes(fetched.target())).isEqualTo(content);
  }

  @Test
  void whatAnInterruptedReceiverHadOfAFolderIsNotFetchedAgainHoweverOftenItIsInterrupted()
      throws Exception {
    Path folder = Files.createDirectory(temp.resolve("folder"));
    for (int i = 0; i < 60; i++) {
      randomFile(folder.resolve("file" + i), 10_000 + i);
    }
    offer(folder);
    long last = -1;
    for (int i = 0; i < 3; i++) {
      Meter killed = new Meter(150_000);
      assertThatThrownBy(() -> fetch(NEVER, killed)).hasMessage("killed");
      assertThat(killed.present).as("present at attempt " + i).isGreaterThan(last);
      last = killed.present;
    }
    assertThat(last).isGreaterThan(250_000);

    FileFetch.Fetched fetched = fetch(NEVER, new Meter(Long.MAX_VALUE));
    assertThat(fetched.present()).isGreaterThan(last);
    for (int i = 0; i < 60; i++) {
      assertThat(fetched.target().resolve("file" + i))
          .hasSameBinaryContentAs(folder.resolve("file" + i));
    }
  }

  @Test
  void anInterruptedSenderIsReportedAndResumed() throws Exception {
    byte[] content = randomFile(temp.resolve("big"), 9_000_000);
    FileOffer offer = FileOffer.of(temp.resolve("big"));
    serve(
        c -> {
          try {
            offer.serve(c, new Meter(4_000_000));
          } catch (IllegalStateException killed) {
            c.close(9, "killed");
          }
        });
    assertThatThrownBy(() -> fetch(NEVER, new Meter(Long.MAX_VALUE)))
        .isInstanceOf(PeerException.class);
    offer(temp.resolve("big"));
    FileFetch.Fetched fetched = fetch(NEVER, new Meter(Long.MAX_VALUE));
    assertThat(fetched.present()).isPositive();
    assertThat(Files.readAllBytes(fetched.target())).isEqualTo(content);
  }

  @Test
  void aSpoiledPartIsFetchedAgain() throws Exception {
    byte[] content = randomFile(temp.resolve("big"), 3_000_000);
    offer(temp.resolve("big"));
    assertThatThrownBy(() -> fetch(NEVER, new Meter(1_000_000))).hasMessage("killed");
    Path part;
    try (Stream<Path> all = Files.walk(out())) {
      part = all.filter(p -> p.endsWith("tree/big")).findFirst().orElseThrow();
    }
    Files.write(part, new byte[500_000]);
    assertThat(Files.readAllBytes(fetch(NEVER, new Meter(Long.MAX_VALUE)).target()))
        .isEqualTo(content);
  }

  @Test
  void aChangedOfferBeginsAnew() throws Exception {
    randomFile(temp.resolve("big"), 3_000_000);
    offer(temp.resolve("big"));
    assertThatThrownBy(() -> fetch(NEVER, new Meter(1_000_000))).hasMessage("killed");
    byte[] content = randomFile(temp.resolve("big"), 2_999_999);
    offer(temp.resolve("big"));
    Meter meter = new Meter(Long.MAX_VALUE);
    assertThat(Files.readAllBytes(fetch(NEVER, meter).target())).isEqualTo(content);
    assertThat(meter.present).isZero();
  }

  @Test
  void aFileOfTheSameSizeThatChangedIsNotResumedFromTheRunningSender() throws Exception {
    Path big = temp.resolve("big");
    byte[] content = randomFile(big, 9_000_000);
    FileTime offered = Files.getLastModifiedTime(big);
    offer(big);
    assertThatThrownBy(() -> fetch(NEVER, new Meter(4_000_000))).hasMessage("killed");
    content[8_000_000] ^= 1;
    Files.write(big, content);
    // Within the same second, as a build that writes its result twice.
    Files.setLastModifiedTime(big, FileTime.from(offered.toInstant().plusNanos(1000)));

    assertThatThrownBy(() -> fetch(NEVER, new Meter(Long.MAX_VALUE)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("offer it again");
    assertThat(out().resolve("big")).doesNotExist();

    offer(big);
    assertThat(fetch(NEVER, new Meter(Long.MAX_VALUE)).target()).hasBinaryContent(content);
  }

  @Test
  void aFileThatIsRewrittenBehindTheReadPositionIsNotDelivered() throws Exception {
    Path big = temp.resolve("big");
    randomFile(big, 9_000_000);
    FileOffer offer = FileOffer.of(big);
    serve(
        c ->
            offer.serve(
                c,
                new Meter(Long.MAX_VALUE) {
                  @Override
                  public void moved(long bytes) {
                    if (moved == 0) {
                      overwriteStart(big);
                    }
                    super.moved(bytes);
                  }
                }));
    assertThatThrownBy(() -> fetch(NEVER, new Meter(Long.MAX_VALUE)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("offer it again");
    assertThat(out().resolve("big")).doesNotExist();
  }

  private static void overwriteStart(Path file) {
    try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
      f.write(new byte[1000]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsThereIsReplacedOnlyIfAllowed() throws Exception {
    Path existing = Files.createDirectories(out()).resolve("f");
    Files.writeString(existing, "mine");
    Files.writeString(temp.resolve("f"), "theirs");
    offer(temp.resolve("f"));
    assertThatThrownBy(() -> fetch(NEVER, new Meter(0)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("exists");
    assertThat(existing).hasContent("mine");
    assertThat(out().toFile().list()).hasSize(1);
    fetch(p -> true, new Meter(Long.MAX_VALUE));
    assertThat(existing).hasContent("theirs");
  }

  @Test
  void theTimeOfATransferDoesNotCountTheQuestionBeforeIt() throws Exception {
    Files.writeString(Files.createDirectories(out()).resolve("f"), "mine");
    Files.writeString(temp.resolve("f"), "theirs");
    offer(temp.resolve("f"));
    long[] answered = new long[1];
    FileFetch.Fetched fetched =
        fetch(
            p -> {
              answered[0] = System.nanoTime();
              return true;
            },
            new Meter(Long.MAX_VALUE));
    assertThat(fetched.nanos()).isPositive().isLessThan(System.nanoTime() - answered[0]);
  }

  @Test
  void aTargetThatCannotBeWrittenIsSaid() throws Exception {
    Files.writeString(out(), "a file, not a folder");
    Files.writeString(temp.resolve("f"), "theirs");
    offer(temp.resolve("f"));
    assertThatThrownBy(() -> fetch(NEVER, new Meter(Long.MAX_VALUE)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("cannot write to");
  }

  @Test
  void aFileThatChangedIsSaidByTheSender() throws Exception {
    randomFile(temp.resolve("f"), 1000);
    offer(temp.resolve("f"));
    randomFile(temp.resolve("f"), 2000);
    assertThatThrownBy(() -> fetch(NEVER, new Meter(Long.MAX_VALUE)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("changed");
  }

  @Test
  void aSenderThatLiesAboutHashesOrSizesDeliversNothing() throws Exception {
    Manifest manifest =
        new Manifest(
            "f".getBytes(UTF_8), List.of(new Manifest.Entry(false, false, 0, 4, List.of())));
    serve(
        c -> {
          BiStream s = c.acceptBi();
          FileStreams.readBytes(s.recv(), 1);
          FileStreams.writeManifest(s.send(), manifest.encode());
          while (!FileStreams.readWants(s.recv(), manifest).isEmpty()) {
            FileStreams.writeChunk(s.send(), new byte[8], 4);
            FileStreams.writeEnd(s.send(), new byte[Blake3.BYTES]);
          }
        });
    assertThatThrownBy(() -> fetch(NEVER, new Meter(Long.MAX_VALUE)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("hash");
    assertThat(Files.exists(out().resolve("f"))).isFalse();
    serve(
        c -> {
          BiStream s = c.acceptBi();
          FileStreams.readBytes(s.recv(), 1);
          FileStreams.writeManifest(s.send(), manifest.encode());
          FileStreams.readWants(s.recv(), manifest);
          FileStreams.writeChunk(s.send(), new byte[4 + 5], 5);
          s.recv().read(new byte[1]);
        });
    assertThatThrownBy(() -> fetch(NEVER, new Meter(Long.MAX_VALUE)))
        .isInstanceOf(FileTransferException.class)
        .hasMessageContaining("more than it offered");
  }
}
