package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The real command as a process of its own: reads what it says, sends it signals, and kills it at
 * the end whatever happened.
 */
final class WarrenProcess implements AutoCloseable {
  /** Generous: a start takes half a second of CPU, and others may want the cores. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<String> command;
  private final Process process;
  private final List<String> stdout = new CopyOnWriteArrayList<>();
  private final List<String> stderr = new CopyOnWriteArrayList<>();
  private final List<Thread> readers = new ArrayList<>();

  private WarrenProcess(List<String> command, Map<String, String> environment) throws IOException {
    this.command = command;
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    this.process = builder.start();
    process.getOutputStream().close();
    readers.add(read(process.getInputStream(), stdout));
    readers.add(read(process.getErrorStream(), stderr));
  }

  /** {@code warren} with these arguments. */
  static WarrenProcess start(String... args) throws IOException {
    return start(Map.of(), List.of(), args);
  }

  /**
   * @param environment added to ours
   * @param prefix of the command line, such as {@code nsenter}
   */
  static WarrenProcess start(Map<String, String> environment, List<String> prefix, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(hearing());
    command.addAll(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Quick to start and small; what is tested is behaviour, not throughput.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"));
    if (Runtime.version().feature() >= 22) {
      // As the manifest of the jar says; older JDKs do not ask.
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Warren.class.getName());
    command.addAll(List.of(args));
    return new WarrenProcess(command, environment);
  }

  /**
   * Tests may run under nohup, whose children ignore hang-ups, and no program can tell a JVM to
   * hear them but the one that starts it.
   */
  private static List<String> hearing() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return List.of();
    }
    boolean deaf =
        Files.readString(status)
            .lines()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) != 0);
    return deaf ? List.of("env", "--default-signal=HUP") : List.of();
  }

  private static Thread read(InputStream in, List<String> lines) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader r =
                  new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                for (String line = r.readLine(); line != null; line = r.readLine()) {
                  lines.add(line);
                }
              } catch (IOException | UncheckedIOException ended) {
                // With the process.
              }
            });
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  /** What it wrote to standard output, so far. */
  List<String> stdout() {
    return List.copyOf(stdout);
  }

  /** What it wrote to standard error, so far. */
  String stderr() {
    return String.join("\n", stderr);
  }

  /** Every line of standard output, each of which must be an event. */
  List<Map<String, Object>> events() {
    return stdout.stream().map(Json::object).toList();
  }

  List<Map<String, Object>> events(String name) {
    return events().stream().filter(e -> name.equals(e.get("event"))).toList();
  }

  /** Waits for the first event of a name. */
  Map<String, Object> await(String name) {
    return await(name, LIMIT, e -> true);
  }

  Map<String, Object> await(String name, Duration limit, Predicate<Map<String, Object>> which) {
    await(
        name,
        limit,
        () -> events(name).stream().anyMatch(which) || !process.isAlive() && readersEnded());
    return events(name).stream()
        .filter(which)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " from " + this));
  }

  /** What the process said meanwhile is known only afterwards. */
  private void await(String what, Duration limit, BooleanSupplier condition) {
    try {
      Await.until(what, limit, condition);
    } catch (AssertionError late) {
      throw new AssertionError(late.getMessage() + ": " + this, late);
    }
  }

  private boolean readersEnded() {
    return readers.stream().noneMatch(Thread::isAlive);
  }

  String ticket() {
    return (String) await("bound").get("ticket");
  }

  /** Waits for the end. */
  int exitCode() {
    return exitCode(LIMIT);
  }

  int exitCode(Duration limit) {
    await("end", limit, () -> !process.isAlive() && readersEnded());
    return process.exitValue();
  }

  WarrenProcess assertExit(int code) {
    int exit = exitCode();
    assertThat(exit).as(toString()).isEqualTo(code);
    return this;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** {@code STOP}, {@code CONT}, {@code TERM}, {@code INT} or {@code KILL}. */
  void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return command.subList(command.indexOf(Warren.class.getName()), command.size())
        + "\nstdout: "
        + stdout
        + "\nstderr: "
        + stderr;
  }
}
