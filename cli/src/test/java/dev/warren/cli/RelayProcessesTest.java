package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Relays that end while peers have no other way: several processes, real signals. */
@Timeout(240)
class RelayProcessesTest {
  /**
   * Some seconds of relayed transfer on the fastest machine, since the relays take no more than
   * {@link #BYTES_PER_SECOND}: time to end one in its middle.
   */
  private static final String LARGE = "40MiB";

  private static final int BYTES_PER_SECOND = 8 << 20;

  /** For a transfer on a machine that does other things. */
  private static final Duration LONG = Duration.ofSeconds(180);

  @TempDir Path temp;

  private final List<WarrenProcess> processes = new ArrayList<>();

  private WarrenProcess warren(String... args) throws IOException {
    WarrenProcess process = WarrenProcess.start(args);
    processes.add(process);
    return process;
  }

  @AfterEach
  void killAll() {
    processes.forEach(WarrenProcess::close);
  }

  /** One that gives its clients a second to leave. */
  private WarrenProcess relay(int port) throws IOException {
    return relay(port, 1);
  }

  private WarrenProcess relay(int port, int drainSeconds) throws IOException {
    String toml =
        """
        http_bind_addr = "127.0.0.1:%d"
        metrics_bind_addr = "127.0.0.1:0"
        enable_status_page = false
        enable_stun = false
        drain_seconds = %d
        limits.client.rx.bytes_per_second = %d
        """;
    Path file = Files.createTempFile(temp, "relay", ".toml");
    Files.writeString(file, toml.formatted(port, drainSeconds, BYTES_PER_SECOND));
    WarrenProcess relay = warren("relay", "--json", "--config", file.toString());
    relay.await("bound");
    return relay;
  }

  private static String url(WarrenProcess relay) {
    return (String) relay.await("bound").get("url");
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/";
  }

  private WarrenProcess peer(List<String> command, String... relays) throws IOException {
    Stream<String> options = Stream.of(relays).flatMap(r -> Stream.of("--relay", r));
    return warren(
        Stream.of(command.stream(), Stream.of("--json", "--no-direct"), options)
            .flatMap(s -> s)
            .toArray(String[]::new));
  }

  private WarrenProcess listener(String... relays) throws IOException {
    WarrenProcess listener = peer(List.of("listen"), relays);
    listener.await("online");
    return listener;
  }

  /** With its home relay: that of {@code bound} may have none yet on a busy machine. */
  private static String ticket(WarrenProcess listener) {
    return (String) listener.await("online").get("ticket");
  }

  private WarrenProcess download(String bytes, String ticket, String... relays) throws IOException {
    return peer(
        List.of(
            "connect", ticket, "--alpn", "warren-source/0", "--bytes", bytes, "--timeout", "30"),
        relays);
  }

  private static void assertComplete(WarrenProcess download) {
    assertThat(download.exitCode(LONG)).as(download.toString()).isZero();
    assertThat(download.await("result")).containsEntry("mismatches", 0);
    assertThat(download.await("connected").get("path").toString()).contains("relay");
  }

  /** What a relay counts. */
  private static long count(WarrenProcess relay, String name) {
    URI metrics = URI.create("http://" + relay.await("bound").get("metrics") + "/metrics");
    try {
      String text =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      Matcher line = Pattern.compile("(?m)^" + name + " (\\d+)$").matcher(text);
      assertThat(line.find()).as(name + " in " + text).isTrue();
      return Long.parseLong(line.group(1));
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** A tenth of a transfer has gone through a relay. */
  private static void awaitFlow(WarrenProcess relay) {
    long before = count(relay, "relayserver_bytes_sent_total");
    Await.until(
        "megabytes through the relay",
        WarrenProcess.LIMIT,
        () -> count(relay, "relayserver_bytes_sent_total") - before > 4 << 20);
  }

  @Test
  void peersOfAFleetReachEachOtherAndMoveWhenARelayDies() throws Exception {
    List<WarrenProcess> relays = List.of(relay(0), relay(0), relay(0));
    List<String> urls = relays.stream().map(RelayProcessesTest::url).toList();
    WarrenProcess listener = listener(urls.get(0), urls.get(1));
    String home = (String) listener.await("online").get("relay");
    WarrenProcess dying = relays.get(urls.indexOf(home));
    WarrenProcess refuge = relays.get(1 - urls.indexOf(home));

    // The other peer's home is the third.
    assertComplete(download("1MiB", ticket(listener), urls.get(2)));

    WarrenProcess running = download(LARGE, ticket(listener), urls.toArray(String[]::new));
    awaitFlow(dying);
    dying.signal("KILL");
    assertThat(running.isAlive()).as("the transfer outlasts the relay").isTrue();
    assertComplete(running);

    Await.until(
        "the listener's new home",
        WarrenProcess.LIMIT,
        () -> count(refuge, "relayserver_clients") > 0);
    assertComplete(download("1MiB", ticket(listener), url(refuge), urls.get(2)));
  }

  @Test
  void aRelayThatIsRestartedUnderLoadLosesNothing() throws Exception {
    int port = freePort();
    WarrenProcess relay = relay(port);
    WarrenProcess listener = listener(url(port));
    WarrenProcess running = download(LARGE, ticket(listener), url(port));
    awaitFlow(relay);
    relay.signal("TERM");
    relay.assertExit(0);
    assertThat(running.isAlive()).as("the transfer outlasts the drain").isTrue();
    assertThat(relay.await("draining")).containsKey("clients");

    WarrenProcess again = relay(port);
    assertComplete(running);
    assertThat(count(again, "relayserver_bytes_sent_total")).isPositive();
  }

  @Test
  void aRelayThatMovesToAnotherPortUnderLoadLosesNothing() throws Exception {
    int port = freePort();
    int next = freePort();
    WarrenProcess relay = relay(port);
    WarrenProcess listener = listener(url(port), url(next));
    WarrenProcess running = download(LARGE, ticket(listener), url(port), url(next));
    awaitFlow(relay);
    // Not before: on a busy machine the new one may take longer to start than the transfer.
    relay.signal("TERM");
    WarrenProcess moved = relay(next);
    relay.assertExit(0);
    assertComplete(running);
    assertThat(count(moved, "relayserver_bytes_sent_total")).isPositive();
  }

  @Test
  void aNodeThatAListExcludesAfterAHangUpIsCutOffAndAFileThatIsWrongChangesNothing()
      throws Exception {
    Path file = temp.resolve("lists.toml");
    String toml =
        """
        http_bind_addr = "127.0.0.1:0"
        metrics_bind_addr = "127.0.0.1:0"
        enable_status_page = false
        enable_stun = false
        drain_seconds = 1
        access.denylist = [%s]
        """;
    Files.writeString(file, toml.formatted(""));
    WarrenProcess relay = warren("relay", "--json", "--config", file.toString());
    WarrenProcess listener = listener(url(relay));
    assertThat(count(relay, "relayserver_clients")).isEqualTo(1);

    Files.writeString(file, "nonsense");
    relay.signal("HUP");
    Await.until(
        "what is wrong", WarrenProcess.LIMIT, () -> relay.stderr().contains("not reloaded"));
    assertThat(relay.stderr()).contains("lists.toml:1: not TOML");
    assertThat(count(relay, "relayserver_clients")).isEqualTo(1);

    Files.writeString(file, toml.formatted('"' + (String) listener.await("bound").get("id") + '"'));
    relay.signal("HUP");
    Await.until("cut off", WarrenProcess.LIMIT, () -> count(relay, "relayserver_clients") == 0);
    assertThat(relay.stderr().lines().filter(l -> l.startsWith("{")).map(Json::object))
        .extracting(line -> line.get("event"))
        .contains("serving", "client", "reloaded");
    relay.signal("TERM");
    relay.assertExit(0);
  }

  @Test
  void aSecondSignalEndsARelayThatDrainsAtOnce() throws Exception {
    WarrenProcess relay = relay(0, 600);
    listener(url(relay));
    relay.signal("TERM");
    relay.await("draining");
    long second = System.nanoTime();
    relay.signal("TERM");
    assertThat(relay.exitCode(Duration.ofSeconds(4))).isEqualTo(1);
    assertThat(Duration.ofNanos(System.nanoTime() - second)).isLessThan(Duration.ofSeconds(4));
  }
}
