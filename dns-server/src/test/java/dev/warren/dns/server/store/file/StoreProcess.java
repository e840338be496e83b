package dev.warren.dns.server.store.file;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.Packets;
import dev.warren.dns.server.store.Upsert;
import dev.warren.testlab.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process that stores packets without end and says which were acknowledged, to be killed. Each
 * line is the number of a key and the timestamp that is kept of it.
 */
final class StoreProcess implements AutoCloseable {
  /** Keys that are written to again and again, where the test does not say another number. */
  static final int KEYS = 2_000;

  private static final int IN_FLIGHT = 64;

  private final Process process;
  private final Thread reader;
  private final Map<Integer, Long> acknowledged = new ConcurrentHashMap<>();
  private volatile @Nullable String failure;
  private volatile int lines;
  private volatile int failures;

  private StoreProcess(Process process) {
    this.process = process;
    this.reader = new Thread(this::read, "store-process-reader");
    reader.start();
  }

  /**
   * @param firstTimestamp beyond all that were written before
   */
  static StoreProcess start(Path directory, long firstTimestamp) throws IOException {
    return start(List.of(), directory, firstTimestamp, KEYS);
  }

  /**
   * @param prefix of the command line, such as {@code nsenter}
   */
  static StoreProcess start(List<String> prefix, Path directory, long firstTimestamp, int keys)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(StoreProcess.class.getName());
    command.addAll(
        List.of(directory.toString(), Long.toString(firstTimestamp), Integer.toString(keys)));
    return new StoreProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = output.readLine()) != null) {
        take(line);
      }
    } catch (IOException e) {
      // The end of the process.
    }
  }

  private void take(String line) {
    String[] words = line.split(" ");
    // The last line may have been cut off by the kill, so each ends with a dot.
    if (words.length == 3 && words[2].equals(".")) {
      acknowledged.merge(Integer.parseInt(words[0]), Long.parseLong(words[1]), Math::max);
      lines++;
    } else if (!line.isEmpty() && !Character.isDigit(line.charAt(0))) {
      failure = line;
      failures++;
    }
  }

  long pid() {
    return process.pid();
  }

  /** What it said last that is no acknowledgement. */
  @Nullable String failure() {
    return failure;
  }

  /** How often it said that a packet was not stored. */
  int failures() {
    return failures;
  }

  int lines() {
    return lines;
  }

  void awaitAcknowledged(int packets) {
    Await.until(
        packets + " packets acknowledged (" + failure + ")",
        Duration.ofSeconds(40),
        () -> lines >= packets || !process.isAlive());
  }

  /** Ends it with SIGKILL; then returns the newest timestamp that was acknowledged of each key. */
  Map<Integer, Long> kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new AssertionError("the process does not end");
    }
    reader.join(10_000);
    return acknowledged;
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  static SignedPacket packet(int key, long timestamp) {
    return Packets.packet(Packets.key(key), timestamp, "timestamp=" + timestamp);
  }

  /** The process. */
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    FilePacketStore store = FilePacketStore.open(Path.of(args[0]));
    long timestamp = Long.parseLong(args[1]);
    int keys = Integer.parseInt(args[2]);
    Random random = new Random(timestamp);
    Semaphore inFlight = new Semaphore(IN_FLIGHT);
    // Bounded, though nobody should forget to kill it.
    for (long end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; timestamp++) {
      inFlight.acquire();
      int key = random.nextInt(keys);
      SignedPacket packet = packet(key, timestamp);
      store
          .upsert(packet)
          .whenComplete(
              (done, failure) -> {
                inFlight.release();
                if (failure != null) {
                  out.println("failed: " + failure.getMessage());
                } else if (done == Upsert.UPDATED) {
                  out.println(key + " " + packet.timestamp() + " .");
                }
              });
    }
  }
}
