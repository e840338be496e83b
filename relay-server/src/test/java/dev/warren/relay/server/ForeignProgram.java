package dev.warren.relay.server;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A server of others, running while a test does, on loopback. Its output goes to a file. */
final class ForeignProgram implements AutoCloseable {
  private static final String REQUIRED = "WARREN_REQUIRE_PROGRAMS";

  private final Process process;
  private final Path log;

  private ForeignProgram(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Goes on if the program is installed; else skips the test, or fails it where the environment
   * says {@code WARREN_REQUIRE_PROGRAMS=1}, as continuous integration does.
   */
  static void need(String name, String debianPackage) {
    if (find(name).isEmpty()) {
      String missing = name + " is not installed (Debian: " + debianPackage + ")";
      if ("1".equals(System.getenv(REQUIRED))) {
        Assertions.fail(missing + "; " + REQUIRED + "=1 forbids skipping");
      }
      Assumptions.abort(missing);
    }
  }

  private static Optional<Path> find(String name) {
    String path = System.getenv("PATH") + ":/usr/sbin:/usr/local/sbin:/sbin";
    return Arrays.stream(path.split(File.pathSeparator))
        .map(dir -> Path.of(dir, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static ForeignProgram start(Path log, Map<String, String> environment, List<String> command)
      throws IOException {
    List<String> found = new java.util.ArrayList<>(command);
    found.set(0, find(command.get(0)).orElseThrow().toString());
    ProcessBuilder builder =
        new ProcessBuilder(found).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return new ForeignProgram(builder.start(), log);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String output() throws IOException {
    return Files.readString(log);
  }

  /** A TCP port of loopback that nobody had a moment ago. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
  }
}
