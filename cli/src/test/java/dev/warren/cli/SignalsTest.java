package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGINT and SIGTERM end every command cleanly: peers hear of it, and so does the user. */
@Timeout(240)
class SignalsTest {
  private final List<WarrenProcess> processes = new ArrayList<>();

  @TempDir Path temp;

  private WarrenProcess warren(String... args) throws IOException {
    WarrenProcess process = WarrenProcess.start(args);
    processes.add(process);
    return process;
  }

  @AfterEach
  void killAll() {
    processes.forEach(WarrenProcess::close);
  }

  private WarrenProcess listen() throws IOException {
    return warren("listen", "--json", "--bind", "127.0.0.1:0");
  }

  private WarrenProcess hold(WarrenProcess listener) throws IOException {
    WarrenProcess dialler = warren("connect", listener.ticket(), "--hold", "600", "--json");
    dialler.await("result");
    return dialler;
  }

  private WarrenProcess endless(WarrenProcess listener) throws IOException {
    WarrenProcess dialler =
        warren(
            "connect",
            listener.ticket(),
            "--alpn",
            "warren-source/0",
            "--bytes",
            "512GiB",
            "--json");
    dialler.await("connected");
    listener.await("incoming");
    return dialler;
  }

  /** A process started in the background of a script inherits that SIGINT is ignored. */
  private static void assumeHeeded(String signal) throws IOException {
    String ignored =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(l -> l.startsWith("SigIgn:"))
            .findFirst()
            .orElse("SigIgn: 0");
    long mask = Long.parseUnsignedLong(ignored.substring(7).strip(), 16);
    assumeFalse(signal.equals("INT") && (mask & 2) != 0, "SIGINT is ignored here: not tested");
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aListenerEndsWithCodeZeroAndBothSidesTellOfTheClose(String signal) throws Exception {
    assumeHeeded(signal);
    WarrenProcess listener = listen();
    WarrenProcess dialler = hold(listener);
    listener.signal(signal);

    listener.assertExit(0);
    assertThat(listener.await("closed")).containsEntry("by", "us").containsEntry("code", 0);
    dialler.assertExit(0);
    assertThat(dialler.await("closed")).containsEntry("by", "peer").containsEntry("code", 0);
    assertThat(listener.stderr()).isEmpty();
  }

  @Test
  void aListenerThatIsInterruptedAsSoonAsItIsBoundEndsWithCodeZero() throws Exception {
    WarrenProcess listener = listen();
    listener.await("bound");
    listener.signal("TERM");
    listener.assertExit(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aTransferThatIsInterruptedHasFailed(String signal) throws Exception {
    assumeHeeded(signal);
    WarrenProcess listener = listen();
    WarrenProcess dialler = endless(listener);
    dialler.signal(signal);

    dialler.assertExit(1);
    assertThat(dialler.await("closed"))
        .containsEntry("by", "us")
        .containsEntry("reason", "interrupted");
    assertThat(dialler.events("error")).hasSize(1);
    assertThat(dialler.await("error")).containsEntry("kind", "interrupted");
    assertThat(dialler.stderr()).isEqualTo("warren: interrupted");
    assertThat(listener.await("closed"))
        .containsEntry("by", "peer")
        .containsEntry("reason", "interrupted");
  }

  @Test
  void aConnectionThatIsHeldAfterItsResultIsClosedWithCodeZero() throws Exception {
    WarrenProcess listener = listen();
    WarrenProcess dialler = hold(listener);
    dialler.signal("TERM");

    dialler.assertExit(0);
    assertThat(dialler.await("closed")).containsEntry("by", "us").containsEntry("code", 0);
    assertThat(dialler.events("error")).isEmpty();
    assertThat(listener.await("closed")).containsEntry("by", "peer").containsEntry("code", 0);
  }

  @Test
  void aRelayEndsWithCodeZero() throws Exception {
    WarrenProcess relay = warren("relay", "--dev", "--json", "--bind", "127.0.0.1:0");
    relay.await("bound");
    relay.signal("TERM");
    relay.assertExit(0);
    assertThat(relay.events()).hasSize(1);
  }

  @Test
  void aSenderEndsWithCodeZeroAndAnInterruptedReceiverCanGoOn() throws Exception {
    Path file = temp.resolve("large");
    try (java.io.RandomAccessFile sparse = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(200L << 20);
    }
    WarrenProcess sender = warren("send", file.toString(), "--json", "--bind", "127.0.0.1:0");
    String out = temp.resolve("out").toString();
    WarrenProcess first = warren("receive", sender.ticket(), "--out", out, "--json");
    first.await("connected");
    first.signal("TERM");
    first.assertExit(1);
    assertThat(first.await("closed")).containsEntry("by", "us");
    assertThat(temp.resolve("out/large")).doesNotExist();

    warren("receive", sender.ticket(), "--out", out, "--json").assertExit(0);
    assertThat(Files.mismatch(temp.resolve("out/large"), file)).isEqualTo(-1);
    sender.signal("TERM");
    sender.assertExit(0);
  }

  @Test
  void theDemoEndsWithCodeOne() throws Exception {
    WarrenProcess demo = warren("demo", "--size", "512GiB", "--json");
    demo.await("connected");
    demo.signal("TERM");
    demo.assertExit(1);
    assertThat(demo.await("error")).containsEntry("kind", "interrupted");
    assertThat(demo.events("error")).hasSize(1);
  }
}
