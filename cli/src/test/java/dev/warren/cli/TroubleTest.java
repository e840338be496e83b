package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers, relays and addresses can do to a command, with real processes and signals. */
@Timeout(240)
class TroubleTest {
  /** More than any machine moves within these tests: a transfer to be interrupted. */
  private static final String ENDLESS = "512GiB";

  private static final NodeId STRANGER = SecretKey.generate().nodeId();

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

  private WarrenProcess listen(String idleSeconds, String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("listen", "--json", "--bind", "127.0.0.1:0", "--idle-timeout", idleSeconds));
    args.addAll(List.of(more));
    return warren(args.toArray(String[]::new));
  }

  private static String address(WarrenProcess bound) {
    return (String) ((List<?>) bound.await("bound").get("addrs")).get(0);
  }

  private static String message(Map<String, Object> event) {
    return (String) event.get("message");
  }

  private static int freeUdpPort() throws IOException {
    try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  @Test
  void anotherKeyAtTheAddressIsNamedBesideTheOneDialledAndTheListenerHearsOfNoConnection()
      throws Exception {
    WarrenProcess listener = listen("3");
    String id = (String) listener.await("bound").get("id");
    WarrenProcess dialler =
        warren(
            "connect",
            STRANGER.toString(),
            "--addr",
            address(listener),
            "--json",
            "--timeout",
            "5");

    dialler.assertExit(1);
    Map<String, Object> error = dialler.await("error");
    assertThat(error).containsEntry("kind", "identity");
    assertThat(message(error)).contains(STRANGER.toShortString(), id.substring(0, 10));
    assertThat(dialler.events()).hasSize(1);
    listener.signal("TERM");
    listener.assertExit(0);
    assertThat(listener.events("incoming")).isEmpty();
  }

  @Test
  void aProtocolThatThePeerLacksIsNamedAtOnce() throws Exception {
    WarrenProcess listener = listen("3");
    WarrenProcess dialler =
        warren("connect", listener.ticket(), "--alpn", "chess/7", "--json", "--timeout", "3600");

    dialler.assertExit(1);
    assertThat(dialler.await("error")).containsEntry("kind", "alpn");
    assertThat(message(dialler.await("error"))).contains("chess/7");
  }

  @Test
  void whereNothingListensEveryPathThatWasTriedIsListedWithItsTime() throws Exception {
    String one = "127.0.0.1:" + freeUdpPort();
    String two = "127.0.0.2:" + freeUdpPort();
    WarrenProcess dialler =
        warren(
            "connect",
            STRANGER.toString(),
            "--addr",
            one,
            "--addr",
            two,
            "--timeout",
            "2",
            "--json");

    dialler.assertExit(1);
    assertThat(dialler.await("error")).containsEntry("kind", "unreachable");
    assertThat(message(dialler.await("error")))
        .contains("within 2 s", one, two)
        .containsPattern("in 2\\d{3} ms");
  }

  @Test
  void aBareIdWithNothingToFindItByFailsAtOnceAndSaysWhatToConfigure() throws Exception {
    WarrenProcess dialler = warren("connect", STRANGER.toString(), "--json", "--timeout", "3600");

    dialler.assertExit(1);
    assertThat(dialler.await("error")).containsEntry("kind", "no_address");
    assertThat(message(dialler.await("error"))).contains("configure", "relay", "discovery");
  }

  private WarrenProcess endlessTransferFrom(WarrenProcess listener) throws IOException {
    WarrenProcess dialler =
        warren(
            "connect",
            listener.ticket(),
            "--alpn",
            "warren-source/0",
            "--bytes",
            ENDLESS,
            "--idle-timeout",
            "3",
            "--json");
    listener.await("incoming");
    dialler.await("connected");
    return dialler;
  }

  private static void assertEndedByTimeout(WarrenProcess dialler) {
    dialler.assertExit(1);
    assertThat(dialler.await("closed")).containsEntry("by", "timeout");
    assertThat(dialler.await("error")).containsEntry("kind", "timeout");
    assertThat(dialler.events("result")).isEmpty();
  }

  @Test
  void aPeerKilledInMidTransferIsClosedByTimeout() throws Exception {
    WarrenProcess listener = listen("3");
    WarrenProcess dialler = endlessTransferFrom(listener);
    listener.signal("KILL");
    assertEndedByTimeout(dialler);
  }

  @Test
  void aPeerFrozenInMidTransferIsClosedByTimeoutOnBothSides() throws Exception {
    WarrenProcess listener = listen("3");
    WarrenProcess dialler = endlessTransferFrom(listener);
    listener.signal("STOP");
    assertEndedByTimeout(dialler);

    listener.signal("CONT");
    assertThat(listener.await("closed").get("by")).isIn("timeout", "peer");
    assertThat(listener.isAlive()).isTrue();
  }

  @Test
  void aPeerFrozenForLessThanTheIdleTimeoutGoesOn() throws Exception {
    WarrenProcess listener = listen("20");
    WarrenProcess dialler =
        warren(
            "connect",
            listener.ticket(),
            "--alpn",
            "warren-sink/0",
            "--bytes",
            "64MiB",
            "--idle-timeout",
            "20",
            "--json");
    dialler.await("connected");
    listener.signal("STOP");
    // Long enough for several probes to stay without an answer.
    Await.until(Duration.ofSeconds(5), elapsed(Duration.ofMillis(2500)));
    listener.signal("CONT");

    dialler.assertExit(0);
    assertThat(dialler.await("result"))
        .containsEntry("bytes", 64 << 20)
        .containsEntry("mismatches", 0);
  }

  private static java.util.function.BooleanSupplier elapsed(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    return () -> System.nanoTime() - end > 0;
  }

  private WarrenProcess relay(int port) throws IOException {
    WarrenProcess relay = warren("relay", "--dev", "--json", "--bind", "127.0.0.1:" + port);
    relay.await("bound");
    return relay;
  }

  private static int freeTcpPort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  @Test
  void onADirectPathTheDeathOfTheRelayIsNotNoticed() throws Exception {
    int port = freeTcpPort();
    String url = "http://127.0.0.1:" + port;
    WarrenProcess relay = relay(port);
    WarrenProcess listener = listen("3", "--relay", url);
    WarrenProcess dialler =
        warren(
            "connect",
            listener.ticket(),
            "--relay",
            url,
            "--require",
            "direct",
            "--alpn",
            "warren-sink/0",
            "--bytes",
            "96MiB",
            "--idle-timeout",
            "3",
            "--json");
    listener.await("incoming");
    dialler.await("connected");
    relay.signal("KILL");

    dialler.assertExit(0);
    assertThat(dialler.await("result"))
        .containsEntry("bytes", 96 << 20)
        .containsEntry("mismatches", 0);
    assertThat(dialler.await("closed")).containsEntry("by", "us");
  }

  @Test
  void onTheRelayOnlyATransferGoesOnAfterTheRelayIsRestarted() throws Exception {
    int port = freeTcpPort();
    String url = "http://127.0.0.1:" + port;
    WarrenProcess relay = relay(port);
    WarrenProcess listener = listen("30", "--relay", url, "--no-direct");
    WarrenProcess dialler =
        warren(
            "connect",
            listener.ticket(),
            "--relay",
            url,
            "--no-direct",
            "--require",
            "relay",
            "--alpn",
            "warren-echo/0",
            "--bytes",
            "48MiB",
            "--json");
    listener.await("incoming");
    dialler.await("connected");
    relay.signal("KILL");
    relay.exitCode();
    assertThat(dialler.events("result")).as("the transfer must not be over yet").isEmpty();
    relay(port);

    int exit = dialler.exitCode(Duration.ofSeconds(120));
    assertThat(exit).as(dialler.toString()).isZero();
    assertThat(dialler.await("result"))
        .containsEntry("bytes", 48 << 20)
        .containsEntry("mismatches", 0);
    assertThat(dialler.events("path")).as("the first path is kept").hasSize(1);
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      WarrenProcess listener = warren("listen", "--json", "--bind", address);
      listener.assertExit(1);
      assertThat(listener.await("error")).containsEntry("kind", "bind");
      assertThat(message(listener.await("error"))).contains(address);
      assertThat(listener.events()).hasSize(1);
    }
  }

  @Test
  void aPortInUseIsNamedByTheRelayToo() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress("127.0.0.1", 0));
      String address = "127.0.0.1:" + taken.getLocalPort();
      WarrenProcess relay = warren("relay", "--dev", "--json", "--bind", address);
      relay.assertExit(1);
      assertThat(relay.await("error")).containsEntry("kind", "bind");
      assertThat(message(relay.await("error"))).contains(address);
    }
  }
}
