package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeTicket;
import dev.warren.base.SocketAddrs;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.Router;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The events that scripts rely on: fields may be added, never changed. */
@Timeout(240)
class EventsTest {
  private static final Predicate<Object> TEXT = v -> v instanceof String;
  private static final Predicate<Object> COUNT =
      v -> (v instanceof Integer || v instanceof Long) && ((Number) v).longValue() >= 0;
  private static final Predicate<Object> FIGURE =
      v -> v instanceof Number n && n.doubleValue() >= 0;
  private static final Predicate<Object> ID = matches("[0-9a-f]{64}");
  private static final Predicate<Object> TICKET = matches("node[a-z2-7]+");
  private static final Predicate<Object> URL = matches("https?://.+/");
  private static final Predicate<Object> ADDRS =
      v ->
          v instanceof List<?> l
              && !l.isEmpty()
              && l.stream().allMatch(matches("(\\d+\\.){3}\\d+:\\d+|\\[[0-9a-f:]+\\]:\\d+"));
  private static final Predicate<Object> KIND_OF_PATH = matches("direct|relay");
  private static final Predicate<Object> PATH =
      v ->
          v instanceof Map<?, ?> m
              && KIND_OF_PATH.test(m.get("type"))
              && TEXT.test(m.get("addr"))
              && FIGURE.test(m.get("rttMs"));

  /** Each event, and what its fields hold. */
  private static final Map<String, Map<String, Predicate<Object>>> CONTRACT =
      Map.ofEntries(
          Map.entry("id", Map.of("id", ID, "z32", matches("[a-z0-9]{52}"))),
          Map.entry("bound", Map.of("id", ID, "addrs", ADDRS, "ticket", TICKET)),
          Map.entry("bound of a server", Map.of("url", URL, "addrs", ADDRS)),
          Map.entry("online", Map.of("relay", URL)),
          Map.entry(
              "discovered",
              Map.of(
                  "peer",
                  ID,
                  "provenance",
                  TEXT,
                  "addrs",
                  v -> v instanceof List<?> l && !l.isEmpty() && l.stream().allMatch(TEXT))),
          Map.entry("incoming", Map.of("peer", ID, "alpn", TEXT)),
          Map.entry(
              "connected",
              Map.of(
                  "peer",
                  ID,
                  "alpn",
                  TEXT,
                  "ms",
                  COUNT,
                  "path",
                  PATH,
                  "identity",
                  matches("x509"),
                  "foundBy",
                  v -> v instanceof List<?> l && l.stream().allMatch(TEXT))),
          Map.entry(
              "path",
              Map.of(
                  "peer",
                  ID,
                  "from",
                  matches("none|direct|relay"),
                  "to",
                  KIND_OF_PATH,
                  "ms",
                  COUNT)),
          Map.entry(
              "result",
              Map.of(
                  "streams",
                  COUNT,
                  "bytes",
                  COUNT,
                  "ms",
                  COUNT,
                  "mibPerS",
                  FIGURE,
                  "sha256",
                  TEXT,
                  "mismatches",
                  COUNT,
                  "firstByteMs",
                  FIGURE)),
          Map.entry(
              "result of --ping",
              Map.of(
                  "streams",
                  COUNT,
                  "bytes",
                  COUNT,
                  "ms",
                  COUNT,
                  "mibPerS",
                  FIGURE,
                  "mismatches",
                  COUNT,
                  "firstByteMs",
                  FIGURE,
                  "sha256",
                  matches("[0-9a-f]{64}"),
                  "p50us",
                  FIGURE,
                  "p99us",
                  FIGURE)),
          Map.entry(
              "result of a transfer",
              Map.of("files", COUNT, "bytes", COUNT, "ms", COUNT, "mibPerS", FIGURE)),
          Map.entry(
              "closed",
              Map.of(
                  "peer",
                  ID,
                  "code",
                  COUNT,
                  "reason",
                  TEXT,
                  "by",
                  matches("us|peer|timeout|error"))),
          Map.entry("error", Map.of("kind", matches("[a-z_-]+"), "message", TEXT)),
          Map.entry("offer", Map.of("name", TEXT, "files", COUNT, "bytes", COUNT)),
          Map.entry("progress", Map.of("bytes", COUNT, "total", COUNT)));

  @TempDir Path temp;

  private final List<WarrenProcess> processes = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private static Predicate<Object> matches(String pattern) {
    return v -> v instanceof String s && s.matches(pattern);
  }

  private WarrenProcess warren(String... args) throws IOException {
    WarrenProcess process = WarrenProcess.start(args);
    processes.add(process);
    return process;
  }

  @AfterEach
  void killAll() {
    processes.forEach(WarrenProcess::close);
  }

  private static String entry(Map<String, Object> event) {
    String name = (String) event.get("event");
    if (name.equals("bound") && event.containsKey("url")) {
      return "bound of a server";
    }
    if (name.equals("result") && event.containsKey("p50us")) {
      return "result of --ping";
    }
    return name.equals("result") && event.containsKey("files") ? "result of a transfer" : name;
  }

  private void check(Map<String, Object> event) {
    String entry = entry(event);
    assertThat(CONTRACT).as(event.toString()).containsKey(entry);
    seen.add(entry);
    CONTRACT
        .get(entry)
        .forEach(
            (field, test) -> assertThat(event.get(field)).as(field + " of " + event).matches(test));
  }

  @Test
  void everyEventOfEveryCommandHasTheFieldsOfTheContract() throws Exception {
    WarrenProcess relay = warren("relay", "--dev", "--json", "--bind", "127.0.0.1:0");
    String url = (String) relay.await("bound").get("url");
    WarrenProcess listener = warren("listen", "--json", "--relay", url, "--bind", "127.0.0.1:0");
    String ticket = listener.ticket();
    List<Map<String, Object>> events = new ArrayList<>();
    events.addAll(run(0, "id"));
    events.addAll(run(0, "connect", ticket));
    events.addAll(run(0, "connect", ticket, "--ping"));
    events.addAll(run(0, "connect", ticket, "--relay", url, "--no-direct"));
    events.addAll(run(1, "connect", ticket, "--alpn", "none"));
    List<Map<String, Object>> demo = run(0, "demo", "--size", "1MiB");
    assertThat(demo).as("demo").anyMatch(e -> "closed".equals(e.get("event")));
    events.addAll(demo);
    Files.writeString(temp.resolve("file"), "hello");
    WarrenProcess sender =
        warren(
            "send", temp.resolve("file").toString(), "--json", "--bind", "127.0.0.1:0", "--once");
    events.addAll(run(0, "receive", sender.ticket(), "--out", temp.resolve("out").toString()));
    sender.assertExit(0);
    assertThat(sender.events("closed")).as("closed of send --once").hasSize(1);
    for (WarrenProcess server : List.of(listener, relay)) {
      server.signal("TERM");
      server.assertExit(0);
    }

    processes.forEach(p -> events.addAll(p.events()));
    events.forEach(this::check);

    Set<String> dependingOnTime = Set.of("progress");
    assertThat(seen).containsAll(without(CONTRACT.keySet(), dependingOnTime));
  }

  /** An echo that does not echo. */
  @ParameterizedTest
  @ValueSource(strings = {"--ping", "--count=2"})
  void aConnectWithMismatchesEndsWithAnErrorEvent(String how) throws Exception {
    Alpn alpn = Alpn.of("liar/0");
    try (Endpoint liar = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
        Router router = Router.builder(liar).accept(alpn, EventsTest::lie).spawn()) {
      String ticket = NodeTicket.of(liar.addr()).toString();
      List<Map<String, Object>> events =
          run(1, "connect", ticket, "--alpn", "liar/0", "--bytes", "1000", how);
      events.forEach(this::check);
      assertThat(events)
          .filteredOn(e -> "error".equals(e.get("event")))
          .hasSize(1)
          .allSatisfy(e -> assertThat(e).containsEntry("kind", "mismatch"));
    }
  }

  private static void lie(Connection connection) throws IOException {
    for (; ; ) {
      BiStream stream = connection.acceptBi();
      stream.recv().readFully(ByteBuffer.allocate(1000));
      stream.send().write(new byte[1000]);
      stream.send().finish();
    }
  }

  private static List<Map<String, Object>> run(int exitCode, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--json");
    InProcess run = InProcess.run(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.toString()).isEqualTo(exitCode);
    return run.events();
  }

  private static Set<String> without(Set<String> all, Set<String> some) {
    Set<String> rest = new HashSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  @Test
  void peersThatKnowEachOthersRelayOnlyMoveToADirectPathAndTellOfIt() throws Exception {
    WarrenProcess relay = warren("relay", "--dev", "--json", "--bind", "127.0.0.1:0");
    String url = (String) relay.await("bound").get("url");
    WarrenProcess listener = warren("listen", "--json", "--relay", url, "--bind", "127.0.0.1:0");
    String id =
        (String) listener.await("online").getOrDefault("id", listener.await("bound").get("id"));
    WarrenProcess dialler =
        warren(
            "connect",
            id,
            "--peer-relay",
            url,
            "--relay",
            url,
            "--require",
            "direct",
            "--json",
            "--hold",
            "1");

    dialler.assertExit(0);
    Map<?, ?> first = (Map<?, ?>) dialler.await("connected").get("path");
    List<Map<String, Object>> moves = dialler.events("path");
    moves.forEach(this::check);
    assertThat(moves.get(0)).containsEntry("from", "none").containsEntry("to", first.get("type"));
    // The path of each event begins where the one before it ended.
    Object at = "none";
    for (Map<String, Object> move : moves) {
      assertThat(move).containsEntry("from", at);
      at = move.get("to");
    }
    assertThat(at).isEqualTo("direct");
  }

  @Test
  void aListenerWithoutItsRelayIsBoundAllTheSameSaysWhatItLacksAndTellsWhenItIsOnline()
      throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port + "/";
    WarrenProcess listener = warren("listen", "--json", "--relay", url, "--bind", "127.0.0.1:0");
    String before = listener.ticket();
    Await.until(
        "the warning",
        Duration.ofSeconds(10),
        () -> listener.stderr().contains("no relay within 3 s") && listener.stderr().contains(url));
    assertThat(listener.events("online")).isEmpty();

    warren("relay", "--dev", "--json", "--bind", "127.0.0.1:" + port);

    Map<String, Object> online = listener.await("online");
    check(online);
    assertThat(online.get("ticket")).matches(TICKET).isNotEqualTo(before);
    assertThat(listener.events("online")).hasSize(1);
  }

  @Test
  void theDemoEndsWithBytesHashAndAPathHistoryThatEndsDirect() {
    InProcess demo = InProcess.run("demo", "--json", "--size", "3MiB");
    assertThat(demo.exitCode()).as(demo.toString()).isZero();

    assertThat(demo.event("discovered")).containsEntry("provenance", "dns");
    assertThat((List<?>) demo.event("connected").get("foundBy")).asList().contains("dns");
    Map<String, Object> result = demo.event("result");
    assertThat(result).containsEntry("bytes", 3 << 20).containsEntry("mismatches", 0);
    assertThat((String) result.get("sha256")).matches("[0-9a-f]{64}");
    List<?> paths = (List<?>) result.get("paths");
    assertThat(paths.get(0)).isIn("relay", "direct");
    assertThat(paths.get(paths.size() - 1)).isEqualTo("direct");
    assertThat(((Number) result.get("directMs")).longValue()).isNotNegative();
    assertThat(demo.stderr()).isEmpty();
  }

  @Test
  void withoutJsonTheDemoEndsWithATableAndWithoutATerminalThereIsNoBar() throws Exception {
    WarrenProcess demo = warren("demo", "--size", "1MiB");
    demo.assertExit(0);

    assertThat(demo.stderr()).isEmpty();
    assertThat(String.join("\n", demo.stdout()))
        .containsPattern("found by +dns\n")
        .contains("time to first byte", "time to direct", "path history", "throughput", "sha256")
        .endsWith("verified: every byte")
        .doesNotContain("\u001b", "\r");
  }
}
