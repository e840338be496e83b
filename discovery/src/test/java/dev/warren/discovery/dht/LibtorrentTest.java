package dev.warren.discovery.dht;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.testlab.Namespaces;
import dev.warren.testlab.Netns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Beside libtorrent (Debian: python3-libtorrent), the library of many clients of the public DHT, in
 * a network namespace that no packet can leave.
 */
@Timeout(120)
class LibtorrentTest {
  private static final String PYTHON = "/usr/bin/python3";
  private static final String REQUIRED = "WARREN_REQUIRE_PROGRAMS";
  private static final int PORT = 6881;

  /** An empty DNS message (vector D of discovery section 12.2). */
  private static final String DNS = "000080000000000000000000";

  private final SecretKey secret = SecretKey.generate();
  private final String seed = HexFormat.of().formatHex(secret.toBytes());
  private final List<Talk> started = new ArrayList<>();
  private Netns host;
  private Path script;

  /** A process that answers lines by lines. */
  private static final class Talk implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final PrintWriter in;

    Talk(Process process) {
      this.process = process;
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      in =
          new PrintWriter(
              new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
    }

    String line() throws IOException {
      String line = out.readLine();
      assertThat(line).as("the process has ended").isNotNull();
      return line;
    }

    String ask(String command) throws IOException {
      in.println(command);
      return line();
    }

    @Override
    public void close() throws Exception {
      in.close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    Namespaces.need(Netns.unavailable());
    needLibtorrent();
    host = new Netns("dht");
    script = directory.resolve("libtorrent_dht.py");
    try (InputStream source = LibtorrentTest.class.getResourceAsStream("libtorrent_dht.py")) {
      Files.copy(source, script);
    }
  }

  private static void needLibtorrent() throws Exception {
    boolean there;
    try {
      there =
          new ProcessBuilder(PYTHON, "-c", "import libtorrent")
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException noPython) {
      there = false;
    }
    if (!there) {
      String missing = "libtorrent is not installed (Debian: python3-libtorrent)";
      if ("1".equals(System.getenv(REQUIRED))) {
        Assertions.fail(missing + "; " + REQUIRED + "=1 forbids skipping");
      }
      Assumptions.abort(missing);
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (Talk talk : started) {
      talk.close();
    }
    if (host != null) {
      host.close();
    }
  }

  private Talk libtorrent(String... args) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("ip", "netns", "exec", host.toString(), PYTHON, "-W", "ignore"));
    command.add(script.toString());
    command.addAll(List.of(args));
    Talk talk =
        new Talk(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    started.add(talk);
    assertThat(talk.line()).isEqualTo("ready");
    return talk;
  }

  private Talk ours(String... args) throws Exception {
    Talk talk = new Talk(host.java(DhtProcess.class, args));
    started.add(talk);
    return talk;
  }

  @Test
  void libtorrentStoresAndFindsInADhtOfOurNodes() throws Exception {
    Talk ours = ours("8");
    String bootstrap = ours.line().substring("ready ".length());
    check(ours, libtorrent("1", String.valueOf(PORT), bootstrap));
  }

  @Test
  void weStoreAndFindInADhtOfLibtorrents() throws Exception {
    Talk libtorrent = libtorrent("5", String.valueOf(PORT));
    Talk ours = ours("1", "127.0.0.1:" + PORT);
    assertThat(ours.line()).startsWith("ready");
    check(ours, libtorrent);
  }

  private void check(Talk ours, Talk libtorrent) throws Exception {
    String id = secret.nodeId().toString();
    assertThat(ours.ask("put " + seed + " 1700000000000000 " + DNS)).matches("put [1-9][0-9]*");
    assertThat(libtorrent.ask("get " + id)).isEqualTo("got 1700000000000000 " + DNS);
    assertThat(libtorrent.ask("put " + seed + " " + id + " " + DNS))
        .matches("put 1700000000000001 [1-9][0-9]*");
    assertThat(ours.ask("get " + id)).isEqualTo("got 1700000000000001 " + DNS);
    assertThat(ours.ask("put " + seed + " 1700000000000000 " + DNS))
        .as("never a rollback")
        .isEqualTo("put 0");
  }
}
