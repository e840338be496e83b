package dev.warren.cli;

import static dev.warren.cli.Infrastructure.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that know of each other but the id: processes, servers of their own, real sockets. */
@Timeout(240)
class DiscoveryProcessesTest {
  private static final String NOBODY = SecretKey.generate().nodeId().toString();

  private static Infrastructure servers;
  private static List<String> relay;
  private static Infrastructure.Dns dns;

  private final Infrastructure nodes = new Infrastructure();

  @TempDir Path temp;

  @BeforeAll
  static void startServers() throws IOException {
    servers = new Infrastructure();
    relay = servers.relay();
    dns = servers.dns();
  }

  @AfterAll
  static void endServers() {
    servers.close();
  }

  @AfterEach
  void endNodes() {
    nodes.close();
  }

  // ---- each way alone ----

  @Test
  void byDnsAloneANodeIsFoundThatPublishesAtThePkarrRelay() throws Exception {
    WarrenProcess listener = nodes.listener(relay, dns.pkarr());
    awaitPublished(id(listener), dns);

    WarrenProcess dialler = nodes.dial(id(listener), dns.lookup());

    dialler.assertExit(0);
    assertFound(dialler, id(listener), "dns");
    assertConnectedBy(dialler, "dns");
  }

  @Test
  void byPkarrAlone() throws Exception {
    WarrenProcess listener = nodes.listener(relay, dns.pkarr());
    awaitPublished(id(listener), dns);

    WarrenProcess dialler = nodes.dial(id(listener), dns.pkarr());

    dialler.assertExit(0);
    Map<String, Object> found = assertFound(dialler, id(listener), "pkarr");
    assertThat(((Number) found.get("ageMs")).longValue()).isBetween(0L, 120_000L);
    assertConnectedBy(dialler, "pkarr");
  }

  @Test
  void byADhtOfOurOwnNodesAlone() throws Exception {
    String first = nodes.dhtNode();
    String second = nodes.dhtNode(first);
    String third = nodes.dhtNode(first, second);
    WarrenProcess listener = nodes.listener(relay, List.of("--dht", "--dht-bootstrap", second));

    awaitResolved(id(listener), List.of("--dht", "--dht-bootstrap", first));
    WarrenProcess dialler = nodes.dial(id(listener), List.of("--dht", "--dht-bootstrap", third));

    dialler.assertExit(0);
    assertFound(dialler, id(listener), "dht");
    assertConnectedBy(dialler, "dht");
  }

  @Test
  void allTogetherAndOptionsFromAFile() throws Exception {
    String node = nodes.dhtNode(nodes.dhtNode());
    List<String> dht = List.of("--dht", "--dht-bootstrap", node);
    WarrenProcess listener =
        nodes.listener(relay, dns.pkarr(), dht, List.of("--mdns", "--user-data", "hello"));
    awaitPublished(id(listener), dns);
    Path file = temp.resolve("all.toml");
    Files.writeString(
        file,
        """
        dns-origin = "%s"
        dns-server = ["%s"]
        pkarr = "%s"
        dht = true
        dht-bootstrap = ["%s"]
        mdns = true
        """
            .formatted(Infrastructure.ORIGIN, dns.server(), dns.pkarrUrl(), node));

    WarrenProcess dialler =
        nodes.dial(id(listener), List.of("--config", file.toString(), "--hold", "5"));

    dialler.assertExit(0);
    assertThat(dialler.events("discovered"))
        .extracting(e -> e.get("provenance"))
        .contains("dns", "pkarr");
    assertThat(dialler.events("discovered"))
        .allSatisfy(e -> assertThat(e).containsEntry("userData", "hello"));
  }

  @Test
  void overHttpsByWhomTheUserTrusts() throws Exception {
    Path authority = temp.resolve("dns.pem");
    Path config =
        Files.writeString(
            temp.resolve("dns.toml"),
            """
            data_dir = "%s"
            pkarr_put_rate_limit = "disabled"
            [https]
            port = 0
            bind_addr = "127.0.0.1"
            domains = ["localhost"]
            cert_mode = "self_signed"
            self_signed_path = "%s"
            [dns]
            port = 0
            bind_addr = "127.0.0.1"
            default_soa = "dns.warren.test hostmaster.warren.test 0 10800 3600 604800 3600"
            origins = ["dns.warren.test"]
            [metrics]
            disabled = true
            """
                .formatted(temp.resolve("data"), authority));
    WarrenProcess server = nodes.warren("dns", "--config", config.toString());
    String https = (String) server.await("bound").get("https");
    String url = https.replace("127.0.0.1", "localhost");
    List<String> pkarr = List.of("--pkarr", url + "pkarr");
    List<String> doh =
        List.of("--dns-origin", Infrastructure.ORIGIN, "--dns-server", url + "dns-query");
    List<String> trust = List.of("--dns-ca", authority.toString());
    WarrenProcess listener = nodes.listener(relay, pkarr, trust);
    awaitResolved(id(listener), Stream.of(pkarr, trust).flatMap(List::stream).toList());

    WarrenProcess dialler = nodes.dial(id(listener), doh, trust);
    dialler.assertExit(0);
    assertConnectedBy(dialler, "dns");

    WarrenProcess distrustful = nodes.dial(id(listener), doh);
    distrustful.assertExit(1);
    assertThat((String) distrustful.await("error").get("message")).contains("certificate");
  }

  // ---- what is published ----

  @Test
  void theWorldIsToldTheRelayAloneUnlessMoreIsAskedFor() throws Exception {
    WarrenProcess shy = nodes.listener(relay, dns.pkarr());
    WarrenProcess open = nodes.listener(relay, dns.pkarr(), List.of("--publish", "all"));
    WarrenProcess direct =
        nodes.listener(List.of("--no-relay", "--publish", "direct"), dns.pkarr());

    assertThat(awaitPublished(id(shy), dns)).containsExactly(relay.get(1));
    assertThat(awaitPublished(id(open), dns))
        .contains(relay.get(1))
        .anyMatch(a -> a.toString().startsWith("127.0.0.1:"));
    assertThat(awaitPublished(id(direct), dns))
        .isNotEmpty()
        .allMatch(a -> a.toString().startsWith("127.0.0.1:"));
    nodes.dial(id(direct), dns.lookup(), List.of("--require", "direct")).assertExit(0);
  }

  // ---- trouble ----

  @Test
  void anIdThatNobodyPublishedIsANoAddressThatNamesEveryServiceAsked() throws Exception {
    WarrenProcess dialler = nodes.dial(NOBODY, dns.lookup(), dns.pkarr());

    dialler.assertExit(1);
    assertThat(dialler.await("error"))
        .containsEntry("kind", "no_address")
        .hasEntrySatisfying(
            "message",
            m -> assertThat(m.toString()).contains("dns: knows nothing of it", "pkarr: knows"));
  }

  @Test
  void underTheWrongOriginNothingIsFound() throws Exception {
    WarrenProcess listener = nodes.listener(relay, dns.pkarr());
    awaitPublished(id(listener), dns);

    WarrenProcess dialler =
        nodes.dial(
            id(listener), List.of("--dns-origin", "elsewhere.test", "--dns-server", dns.server()));

    dialler.assertExit(1);
    assertThat(dialler.await("error")).containsEntry("kind", "no_address");
    assertThat((String) dialler.await("error").get("message")).contains("dns: ");
  }

  @Test
  void serversThatDoNotAnswerAreNamedWithTheirCauses() throws Exception {
    int free = freePort();
    String pkarr = "http://127.0.0.1:" + free + "/pkarr";
    try (DatagramSocket silent =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      String server = "127.0.0.1:" + silent.getLocalPort();
      WarrenProcess dialler =
          nodes.dial(
              NOBODY, List.of("--dns-origin", "x.test", "--dns-server", server, "--pkarr", pkarr));

      dialler.assertExit(1);
      assertThat(dialler.await("error")).containsEntry("kind", "no_address");
      assertThat((String) dialler.await("error").get("message"))
          .contains("dns: ", server, "pkarr: ", Integer.toString(free));
    }
  }

  @Test
  void aDeadServiceDoesNotKeepALiveOneFromFinding() throws Exception {
    WarrenProcess listener = nodes.listener(relay, dns.pkarr());
    awaitPublished(id(listener), dns);
    String dead = "http://127.0.0.1:" + freePort() + "/pkarr";

    WarrenProcess dialler = nodes.dial(id(listener), List.of("--pkarr", dead), dns.lookup());

    dialler.assertExit(0);
    assertConnectedBy(dialler, "dns");
  }

  @Test
  void aListenerThatCannotPublishSaysSoAndGoesOn() throws Exception {
    String dead = "http://127.0.0.1:" + freePort() + "/pkarr";
    WarrenProcess listener = nodes.listener(relay, List.of("--pkarr", dead));
    Await.until(
        "the warning",
        WarrenProcess.LIMIT,
        () -> listener.stderr().contains("not published") && listener.stderr().contains(dead));

    nodes.dial(listener.ticket()).assertExit(0);
  }

  @Test
  void aListenerOfWhichTheWorldWouldHearNothingIsWarned() throws Exception {
    WarrenProcess listener = nodes.listener(dns.pkarr());
    assertThat(listener.await("warning")).containsEntry("kind", "unpublished");
  }

  @Test
  void withNothingConfiguredTheErrorSaysWhatToConfigure() throws Exception {
    WarrenProcess dialler = nodes.dial(NOBODY);

    dialler.assertExit(1);
    assertThat(dialler.await("error")).containsEntry("kind", "no_address");
    assertThat((String) dialler.await("error").get("message")).contains("discovery service");
  }

  // ---- time goes by ----

  @Test
  void theDnsServerMayBeRestartedBetweenPublishingAndFinding() throws Exception {
    Infrastructure.Dns before = nodes.dns("--data-dir", temp.resolve("dns").toString());
    WarrenProcess listener = nodes.listener(relay, before.pkarr());
    awaitPublished(id(listener), before);
    before.process().signal("KILL");
    before.process().exitCode();

    Infrastructure.Dns after = nodes.dns("--data-dir", temp.resolve("dns").toString());

    WarrenProcess dialler = nodes.dial(id(listener), after.lookup());
    dialler.assertExit(0);
    assertConnectedBy(dialler, "dns");
  }

  @Test
  void aNodeThatCameBackAtAnotherPortIsFoundThere() throws Exception {
    List<String> same =
        List.of("--secret-key", temp.resolve("key").toString(), "--no-relay", "--publish", "all");
    WarrenProcess first = nodes.listener(same, dns.pkarr());
    List<Object> old = awaitPublished(id(first), dns);
    first.signal("TERM");
    first.assertExit(0);

    WarrenProcess second = nodes.listener(same, dns.pkarr());
    assertThat(id(second)).isEqualTo(id(first));
    Await.until(
        "another address",
        WarrenProcess.LIMIT,
        () -> !resolve(id(second), dns.pkarr()).equals(old));

    nodes.dial(id(second), dns.lookup()).assertExit(0);
    nodes.dial(id(second), dns.pkarr()).assertExit(0);
  }

  @Test
  void aNodeThatMovedToAnotherRelayIsFoundThere() throws Exception {
    List<String> same = List.of("--secret-key", temp.resolve("key").toString(), "--no-direct");
    List<String> otherRelay = nodes.relay();
    WarrenProcess first = nodes.listener(same, relay, dns.pkarr());
    assertThat(awaitPublished(id(first), dns)).containsExactly(relay.get(1));
    first.signal("TERM");
    first.assertExit(0);

    WarrenProcess second = nodes.listener(same, otherRelay, dns.pkarr());
    Await.until(
        "the other relay",
        WarrenProcess.LIMIT,
        () -> resolve(id(second), dns.pkarr()).equals(List.of(otherRelay.get(1))));

    WarrenProcess dialler = nodes.dial(id(second), dns.lookup(), List.of("--no-direct"));
    dialler.assertExit(0);
    Map<?, ?> path = (Map<?, ?>) dialler.await("connected").get("path");
    assertThat(path.get("addr")).isEqualTo(otherRelay.get(1));
  }

  // ---- resolve ----

  @Test
  void resolveSaysWhatEachServiceAnswers() throws Exception {
    WarrenProcess listener = nodes.listener(relay, dns.pkarr());
    awaitPublished(id(listener), dns);

    WarrenProcess resolve =
        nodes.warren(
            "resolve",
            id(listener),
            "--pkarr",
            dns.pkarrUrl(),
            "--dns-origin",
            Infrastructure.ORIGIN,
            "--dns-server",
            dns.server());

    resolve.assertExit(0);
    assertThat(resolve.events("resolved"))
        .extracting(e -> e.get("service"), e -> e.get("state"), e -> e.get("addresses"))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("dns", "done", 1),
            org.assertj.core.groups.Tuple.tuple("pkarr", "done", 1));
    assertFound(resolve, id(listener), "dns");
    assertFound(resolve, id(listener), "pkarr");
  }

  @Test
  void resolveEndsWithOneIfNobodyKnows() throws Exception {
    WarrenProcess resolve = nodes.warren("resolve", NOBODY, "--pkarr", dns.pkarrUrl());

    resolve.assertExit(1);
    assertThat(resolve.await("error")).containsEntry("kind", "no_address");
  }

  // ---- what is asserted ----

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private static List<Object> awaitPublished(String id, Infrastructure.Dns dns) {
    return awaitResolved(id, dns.pkarr());
  }

  private static List<Object> awaitResolved(String id, List<String> options) {
    Await.until(id + " published", WarrenProcess.LIMIT, () -> !resolve(id, options).isEmpty());
    return resolve(id, options);
  }

  /** Its addresses, or nothing. */
  private static List<Object> resolve(String id, List<String> options) {
    List<String> args = new java.util.ArrayList<>(List.of("resolve", id, "--json"));
    args.addAll(options);
    InProcess run = InProcess.run(args.toArray(String[]::new));
    return run.events().stream()
        .filter(e -> "discovered".equals(e.get("event")))
        .<Object>flatMap(e -> ((List<?>) e.get("addrs")).stream())
        .toList();
  }

  private static Map<String, Object> assertFound(
      WarrenProcess process, String id, String provenance) {
    return process.await(
        "discovered",
        Duration.ofSeconds(1),
        e -> id.equals(e.get("peer")) && provenance.equals(e.get("provenance")));
  }

  private static void assertConnectedBy(WarrenProcess dialler, String provenance) {
    assertThat(dialler.await("connected"))
        .hasEntrySatisfying(
            "foundBy", by -> assertThat((List<?>) by).isEqualTo(List.of(provenance)))
        .hasEntrySatisfying("path", path -> assertThat(provenances((Map<?, ?>) path)).isNotEmpty());
    assertThat(dialler.await("path").get("provenance"))
        .isIn(provenance, "call-me-maybe", "probe", "datagram");
    assertThat(dialler.await("closed").get("provenance"))
        .isIn(provenance, "call-me-maybe", "probe", "datagram");
  }

  private static List<?> provenances(Map<?, ?> path) {
    return ((List<?>) path.get("sources"))
        .stream().map(source -> ((Map<?, ?>) source).get("provenance")).toList();
  }
}
