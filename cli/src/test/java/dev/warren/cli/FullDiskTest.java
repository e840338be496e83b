package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Receiving where the file system does not take what comes: said clearly, resumable afterwards. */
@Timeout(240)
class FullDiskTest {
  private static final int SIZE = 12 << 20;

  @TempDir Path temp;
  private Path file;
  private Path out;
  private WarrenProcess sender;

  @BeforeEach
  void send() throws IOException {
    byte[] bytes = new byte[SIZE];
    new Random(7).nextBytes(bytes);
    file = Files.write(temp.resolve("file"), bytes);
    out = Files.createDirectory(temp.resolve("out"));
    sender = WarrenProcess.start("send", file.toString(), "--json", "--bind", "127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    sender.close();
  }

  private WarrenProcess receive(List<String> prefix, String... more) throws IOException {
    String[] args = {"receive", sender.ticket(), "--out", out.toString(), "--json"};
    return WarrenProcess.start(Map.of(), prefix, args);
  }

  private static String message(WarrenProcess failed) {
    return (String) failed.await("error").get("message");
  }

  @Test
  void aWriteThatFailsInMidFileIsReportedAndTheNextAttemptGoesOnThere() throws Exception {
    // The limit on the size of a file stands in for a disk that fills up: the write fails alike.
    List<String> limited = List.of("bash", "-c", "ulimit -f 8192; exec \"$@\"", "bash");
    try (WarrenProcess failing = receive(limited)) {
      failing.assertExit(1);
      assertThat(message(failing)).contains("cannot write file", out.toString(), "resume");
      assertThat(failing.events("result")).isEmpty();
    }
    assertThat(out.resolve("file")).doesNotExist();

    try (WarrenProcess resumed = receive(List.of())) {
      resumed.assertExit(0);
      assertThat(resumed.await("result")).containsEntry("present", 8 << 20);
    }
    assertThat(out.resolve("file")).hasSameBinaryContentAs(file);
  }

  /** A mount namespace of its own, with a small file system on {@link #out}. */
  private final class SmallDisk implements AutoCloseable {
    private final Process holder;

    SmallDisk(String options) throws IOException, InterruptedException {
      // A user namespace needs no root where the system allows it.
      String mount = "mount -t tmpfs -o " + options + " tmpfs \"$1\" && echo ready && exec cat";
      ProcessBuilder unshare =
          new ProcessBuilder("unshare", "-rm", "sh", "-c", mount, "sh", out.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      holder = start(unshare);
      byte[] ready = holder.getInputStream().readNBytes(5);
      if (ready.length < 5) {
        holder.waitFor(5, TimeUnit.SECONDS);
        Namespaces.need(Optional.of("unshare -rm and mount -t tmpfs do not work here"));
      }
    }

    private static Process start(ProcessBuilder unshare) {
      try {
        return unshare.start();
      } catch (IOException e) {
        Namespaces.need(Optional.of("no mount namespaces (they need util-linux): " + e));
        throw new AssertionError("the test was to end here", e);
      }
    }

    List<String> inside() {
      String pid = Long.toString(holder.pid());
      return List.of("nsenter", "-U", "-m", "--preserve-credentials", "-t", pid);
    }

    void run(String command) throws IOException, InterruptedException {
      List<String> all = new java.util.ArrayList<>(inside());
      all.addAll(List.of("sh", "-c", command, "sh", out.toString(), file.toString()));
      Process process = new ProcessBuilder(all).inheritIO().start();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(command).isZero();
    }

    @Override
    public void close() {
      // Its input ends, and with it the namespace.
      holder.destroy();
    }
  }

  @Test
  void aFullDiskIsReportedBeforeAnythingIsFetchedAndAfterMakingRoomTheFileArrives()
      throws Exception {
    try (SmallDisk disk = new SmallDisk("size=1m")) {
      try (WarrenProcess failing = receive(disk.inside())) {
        failing.assertExit(1);
        assertThat(message(failing)).contains("room for", SIZE + " are needed");
      }
      disk.run("mount -o remount,size=16m \"$1\"");
      try (WarrenProcess resumed = receive(disk.inside())) {
        resumed.assertExit(0);
      }
      disk.run("cmp \"$1/file\" \"$2\"");
    }
  }

  @Test
  void aFolderThatCannotBeWrittenToIsBadUsage() throws Exception {
    try (SmallDisk disk = new SmallDisk("ro,size=1m");
        WarrenProcess failing = receive(disk.inside())) {
      failing.assertExit(2);
      assertThat(message(failing)).contains("--out", out.toString(), "cannot be written to");
    }
  }
}
