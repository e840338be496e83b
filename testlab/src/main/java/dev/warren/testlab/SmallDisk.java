package dev.warren.testlab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A mount namespace of its own with a small file system in it, to be filled up. */
public final class SmallDisk implements AutoCloseable {
  private final Process holder;
  private final Path directory;

  private SmallDisk(Process holder, Path directory) {
    this.holder = holder;
    this.directory = directory;
  }

  /**
   * Mounts an empty file system on {@code directory}; only what {@link #inside()} begins sees it.
   * Skips the test where that cannot be done, as {@link Namespaces#need} says.
   *
   * @param options of a tmpfs, such as {@code size=4m}
   */
  public static SmallDisk mount(Path directory, String options)
      throws IOException, InterruptedException {
    // A user namespace needs no root where the system allows it.
    String mount = "mount -t tmpfs -o " + options + " tmpfs \"$1\" && echo ready && exec cat";
    Process holder =
        start(
            new ProcessBuilder("unshare", "-rm", "sh", "-c", mount, "sh", directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT));
    if (holder.getInputStream().readNBytes(5).length < 5) {
      holder.waitFor(5, TimeUnit.SECONDS);
      Namespaces.need(Optional.of("unshare -rm and mount -t tmpfs do not work here"));
    }
    return new SmallDisk(holder, directory);
  }

  private static Process start(ProcessBuilder unshare) {
    try {
      return unshare.start();
    } catch (IOException e) {
      Namespaces.need(Optional.of("no mount namespaces (they need util-linux): " + e));
      throw new AssertionError("the test was to end here", e);
    }
  }

  /** What to put before a command, so that it sees the file system. */
  public List<String> inside() {
    String pid = Long.toString(holder.pid());
    return List.of("nsenter", "-U", "-m", "--preserve-credentials", "-t", pid);
  }

  /** Runs {@code command} by a shell inside, {@code $1} being the directory; it must succeed. */
  public void run(String command, String... more) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(inside());
    all.addAll(List.of("sh", "-c", command, "sh", directory.toString()));
    all.addAll(List.of(more));
    Process process = new ProcessBuilder(all).inheritIO().start();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " does not end");
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(command + " ended with " + process.exitValue());
    }
  }

  @Override
  public void close() {
    // Its input ends, and with it the namespace.
    holder.destroy();
  }
}
