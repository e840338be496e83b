package dev.warren.dns.server.store.postgres;

import dev.warren.testlab.Await;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A PostgreSQL server of the tests' own, in a folder of its own, on a port of loopback. */
final class TestPostgres implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path bin;
  private final Path folder;
  private final int port;
  private @Nullable Process server;

  private TestPostgres(Path bin, Path folder, int port) {
    this.bin = bin;
    this.folder = folder;
    this.port = port;
  }

  /** Starts one; skips the test where there is no PostgreSQL, unless the environment forbids it. */
  static TestPostgres start() throws Exception {
    Path bin = programs().orElse(null);
    if (bin == null) {
      String missing = "no PostgreSQL server is installed (Debian's package postgresql)";
      if ("1".equals(System.getenv("WARREN_REQUIRE_PROGRAMS"))) {
        Assertions.fail(missing + "; WARREN_REQUIRE_PROGRAMS=1 forbids skipping");
      }
      Assumptions.abort(missing);
      throw new AssertionError("the test was to end here");
    }
    // Not in JUnit's folder: the user whom the server runs as must be able to reach it.
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "warren-postgres-");
    if (isRoot()) {
      run(folder, "chown", "nobody", folder.toString());
    }
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    TestPostgres postgres = new TestPostgres(bin, folder, port);
    try {
      run(
          folder,
          postgres.command(
              "initdb",
              "-D",
              postgres.data(),
              "-U",
              "warren",
              "-A",
              "trust",
              "-E",
              "UTF8",
              "--no-locale",
              "-N"));
      postgres.begin();
      return postgres;
    } catch (Throwable e) {
      postgres.close();
      throw e;
    }
  }

  /** Debian keeps them in a folder for each version. */
  private static Optional<Path> programs() throws IOException {
    List<Path> found = new ArrayList<>();
    Path debian = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(debian)) {
      try (Stream<Path> versions = Files.list(debian)) {
        versions.map(v -> v.resolve("bin")).forEach(found::add);
      }
    }
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      found.add(Path.of(folder));
    }
    return found.stream()
        .filter(
            f ->
                Files.isExecutable(f.resolve("initdb"))
                    && Files.isExecutable(f.resolve("postgres")))
        .findFirst();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  /** PostgreSQL refuses to run as root. */
  private String[] command(String program, String... more) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
    }
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  private static void run(Path folder, String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("warren-postgres-", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", command) + ": " + Files.readString(output));
    }
    Files.delete(output);
  }

  /** Starts the server, again after {@link #stop}. */
  void begin() throws IOException {
    server =
        new ProcessBuilder(
                command(
                    "postgres",
                    "-D",
                    data(),
                    "-p",
                    Integer.toString(port),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "unix_socket_directories=" + folder,
                    "-c",
                    "max_connections=30",
                    "-c",
                    "shared_buffers=16MB"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    Await.until("PostgreSQL answers; see " + folder.resolve("log"), LIMIT, this::answers);
  }

  private boolean answers() {
    try {
      query("SELECT 1");
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /** Ends it as an operator does who restarts it: connections are cut, what was committed stays. */
  void stop() throws Exception {
    run(folder, command("pg_ctl", "-D", data(), "-m", "fast", "-w", "stop"));
    if (server != null && !server.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("PostgreSQL does not end");
    }
    server = null;
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=warren";
  }

  PostgresOptions options() {
    return PostgresOptions.of(url());
  }

  /** The first column of the first row, as text. */
  String query(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return "";
      }
      try (ResultSet rows = statement.getResultSet()) {
        return rows.next() ? String.valueOf(rows.getString(1)) : "";
      }
    }
  }

  /** An empty database for the next test. */
  void clear() throws SQLException {
    query("DROP TABLE IF EXISTS warren_packets, warren_schema");
  }

  InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  /** Whether anything listens there. */
  boolean isUp() {
    try (Socket socket = new Socket()) {
      socket.connect(address(), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws Exception {
    if (server != null) {
      stop();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
