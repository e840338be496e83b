package dev.warren.discovery.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import dev.warren.discovery.local.wire.LocalMessage;
import dev.warren.discovery.local.wire.MessageWriter;
import dev.warren.testlab.Await;
import dev.warren.testlab.Namespaces;
import dev.warren.testlab.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes in network namespaces that a bridge joins. */
@Timeout(120)
class LocalDiscoveryTest {
  private static final String PLAIN = "nodnssd";
  private static final String A = LocalPeer.key(1).nodeId().toString();
  private static final String B = LocalPeer.key(2).nodeId().toString();
  private static final String C = LocalPeer.key(3).nodeId().toString();

  private static Optional<String> unavailable;

  private Bridge bridge;

  @BeforeAll
  static void probe() {
    unavailable = Netns.unavailable();
  }

  @BeforeEach
  void build() {
    Namespaces.need(unavailable);
    bridge = new Bridge();
  }

  @AfterEach
  void tearDown() throws Exception {
    if (bridge != null) {
      bridge.close();
    }
  }

  @Test
  void aLookupFindsANeighbourByIpv4Alone() throws Exception {
    lookup("192.168.7.1/24", "192.168.7.2/24", "192.168.7.1:4433");
  }

  @Test
  void aLookupFindsANeighbourByIpv6Alone() throws Exception {
    lookup("fd07::1/64", "fd07::2/64", "[fd07::1]:4433");
  }

  private void lookup(String first, String second, String address) throws Exception {
    Bridge.Peer a = bridge.node(bridge.host(first), "1", PLAIN);
    Bridge.Peer b = bridge.node(bridge.host(second), "2", PLAIN);
    a.await("id ");
    b.await("id ");
    a.tell("publish " + address);
    b.tell("resolve " + A);
    assertThat(b.await("found ")).startsWith("found " + A + " [" + address + "]");
  }

  @Test
  void threeNodesSeeEachOtherAndThatOneLeaves() throws Exception {
    Bridge.Peer a = bridge.node(bridge.host("192.168.7.1/24", "fd07::1/64"), "1", PLAIN);
    Bridge.Peer b = bridge.node(bridge.host("192.168.7.2/24", "fd07::2/64"), "2", PLAIN);
    Bridge.Peer c = bridge.node(bridge.host("192.168.7.3/24", "fd07::3/64"), "3", PLAIN);
    for (Bridge.Peer peer : List.of(a, b, c)) {
      peer.await("id ");
      peer.tell("subscribe");
    }
    a.tell("publish 192.168.7.1:1 [fd07::1]:1");
    b.tell("publish 192.168.7.2:2");
    c.tell("publish 192.168.7.3:3");
    a.await("discovered " + B);
    a.await("discovered " + C);
    b.await("discovered " + A + " [192.168.7.1:1, [fd07::1]:1]");
    b.await("discovered " + C);
    c.await("discovered " + A);
    c.await("discovered " + B);
    assertThat(c.ask("close", "closed")).isEqualTo("closed []");
    a.await("expired " + C);
    b.await("expired " + C);
    assertThat(a.first("expired " + B)).isEmpty();
  }

  @Test
  void interfacesComeAndGo() throws Exception {
    Netns host = bridge.host();
    Bridge.Peer a = bridge.node(host, "1", PLAIN);
    Bridge.Peer b = bridge.node(bridge.host("192.168.7.2/24"), "2", PLAIN);
    a.await("id ");
    b.await("id ");
    b.tell("publish 192.168.7.2:2");
    a.tell("subscribe");
    bridge.plug(host, "eth0", "192.168.7.1/24");
    a.tell("look");
    a.await("discovered " + B);
    host.ip("link", "del", "dev", "eth0");
    a.tell("look");
    a.await("expired " + B);
    a.forget();
    // Nobody tells it this time: it looks every five seconds.
    bridge.plug(host, "eth0", "192.168.7.9/24");
    a.await("discovered " + B);
    a.forget();
    a.tell("publish 192.168.7.9:9");
    b.tell("resolve " + A);
    assertThat(b.await("found ")).contains("[192.168.7.9:9]");
  }

  @Test
  void aHostWithTwoInterfacesIsSeenOnBoth() throws Exception {
    Netns host = bridge.host("192.168.7.1/24");
    try (Bridge other = new Bridge()) {
      other.plug(host, "eth1", "192.168.8.1/24");
      Bridge.Peer a = bridge.node(host, "1", PLAIN);
      Bridge.Peer b = bridge.node(bridge.host("192.168.7.2/24"), "2", PLAIN);
      Bridge.Peer c = other.node(other.host("192.168.8.3/24"), "3", PLAIN);
      for (Bridge.Peer peer : List.of(a, b, c)) {
        peer.await("id ");
      }
      a.tell("publish 192.168.7.1:1 192.168.8.1:1");
      b.tell("publish 192.168.7.2:2");
      c.tell("publish 192.168.8.3:3");
      b.tell("resolve " + A);
      b.await("found " + A);
      c.tell("resolve " + A);
      c.await("found " + A);
      a.tell("resolve " + B);
      a.await("found " + B);
      a.tell("resolve " + C);
      a.await("found " + C);
      // One of the two goes: the other is not touched.
      host.ip("link", "set", "dev", "eth1", "down");
      a.tell("look");
      Await.until(Bridge.LIMIT, () -> a.metric("links") == 2);
      b.forget();
      b.tell("resolve " + A);
      b.await("found " + A);
    }
  }

  private static String message(NodeId id, String address) {
    Announcement said =
        new Announcement(
            id, List.of(SocketAddrs.parse(address)), Optional.empty(), Optional.empty());
    return HexFormat.of()
        .formatHex(MessageWriter.write(LocalMessage.Response.of(Generation.IROH_1, said)));
  }

  @Test
  void packetsFromOutsideTheLinkAreDropped() throws Exception {
    Netns host = bridge.host("192.168.7.1/24");
    Netns liar = bridge.host("192.168.7.2/24", "10.99.0.2/32");
    // The host could answer: only its kernel's filter for sources would drop them otherwise.
    host.ip("route", "add", "10.99.0.0/24", "dev", "eth0");
    Bridge.Peer a = bridge.node(host, "1", PLAIN);
    Bridge.Peer b = bridge.node(liar, "2", PLAIN);
    a.await("id ");
    b.await("id ");
    a.tell("subscribe");
    String lie = message(NodeId.parse(C), "192.168.7.66:66");
    b.ask("send eth0 10.99.0.2:5353 " + lie, "sent");
    Await.until(Bridge.LIMIT, () -> a.metric("off_link") == 1);
    b.ask("send eth0 192.168.7.2:5354 " + lie, "sent");
    Await.until(Bridge.LIMIT, () -> a.metric("off_link") == 2);
    assertThat(a.metric("peers")).isZero();
    b.ask("send eth0 192.168.7.2:5353 " + lie, "sent");
    a.await("discovered " + C);
  }

  @Test
  void tenThousandInstancesDoNotKeepANeighbourFromBeingFound() throws Exception {
    Bridge.Peer a = bridge.node(bridge.host("192.168.7.1/24"), "1", PLAIN);
    Bridge.Peer b = bridge.node(bridge.host("192.168.7.2/24"), "2", PLAIN);
    Bridge.Peer c = bridge.node(bridge.host("192.168.7.3/24"), "3", PLAIN);
    for (Bridge.Peer peer : List.of(a, b, c)) {
      peer.await("id ");
    }
    for (int i = 0; i < 10; i++) {
      int from = i * 1000;
      String flood =
          IntStream.range(from, from + 1000)
              .mapToObj(n -> message(numbered(n), "192.168.7.3:" + (1 + n)))
              .collect(Collectors.joining(","));
      c.ask("send eth0 192.168.7.3:5353 " + flood, "sent");
    }
    b.tell("publish 192.168.7.2:2");
    a.forget();
    a.tell("resolve " + B);
    a.await("found " + B);
    assertThat(a.metric("peers")).isBetween(100L, 1024L);
    assertThat(a.metric("failed")).isZero();
  }

  private static NodeId numbered(int number) {
    byte[] seed = new byte[32];
    seed[0] = 9;
    seed[1] = (byte) number;
    seed[2] = (byte) (number >> 8);
    return SecretKey.ofBytes(seed).nodeId();
  }

  @Test
  void anIdleNodeSendsAtMostThirtyPacketsAMinute() throws Exception {
    Netns host = bridge.host("192.168.7.1/24", "fd07::1/64");
    Bridge.Peer a = bridge.node(host, "1");
    Bridge.Peer b = bridge.node(bridge.host("192.168.7.2/24", "fd07::2/64"), "2");
    for (Bridge.Peer peer : List.of(a, b)) {
      peer.await("id ");
      peer.tell("subscribe");
    }
    a.tell("publish 192.168.7.1:1 [fd07::1]:1");
    b.tell("publish 192.168.7.2:2 [fd07::2]:2");
    a.await("discovered " + B);
    // What was begun ends: jmdns takes the longest, six seconds.
    Await.until(Duration.ofSeconds(30), () -> isQuiet(host, Duration.ofSeconds(3)));
    long before = sent(host);
    long start = System.nanoTime();
    Await.until(
        Duration.ofSeconds(40), () -> System.nanoTime() - start > Duration.ofSeconds(30).toNanos());
    assertThat(sent(host) - before).as("in half a minute").isLessThanOrEqualTo(15);
    assertThat(a.first("expired")).isEmpty();
  }

  private static boolean isQuiet(Netns host, Duration span) {
    long before = sent(host);
    long start = System.nanoTime();
    Await.until(span.plusSeconds(5), () -> System.nanoTime() - start > span.toNanos());
    return sent(host) == before;
  }

  /** Packets that have left the host's interface. */
  private static long sent(Netns host) {
    try {
      Process process =
          new ProcessBuilder(
                  "ip",
                  "netns",
                  "exec",
                  host.toString(),
                  "cat",
                  "/sys/class/net/eth0/statistics/tx_packets")
              .start();
      return Long.parseLong(new String(process.getInputStream().readAllBytes()).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theThreadsEndWithTheService() throws Exception {
    Bridge.Peer a = bridge.node(bridge.host("192.168.7.1/24"), "1");
    a.await("id ");
    a.tell("publish 192.168.7.1:1");
    Await.until(Bridge.LIMIT, () -> a.ask("threads", "threads").contains("JmDNS"));
    assertThat(a.ask("close", "closed")).doesNotContain("warren-mdns");
    Await.until(Duration.ofSeconds(10), () -> a.ask("threads", "threads").equals("threads []"));
  }

  @Test
  void twoProgramsOfOneHostFindEachOtherWithoutAnyInterface() throws Exception {
    Netns host = bridge.host();
    Bridge.Peer a = bridge.node(host, "1", PLAIN);
    Bridge.Peer b = bridge.node(host, "2", PLAIN);
    a.await("id ");
    b.await("id ");
    a.tell("publish 127.0.0.1:1");
    b.tell("resolve " + A);
    b.await("found " + A + " [127.0.0.1:1]");
  }

  @Test
  void aLoopbackAddressOfAnotherHostIsNotBelieved() throws Exception {
    Bridge.Peer a = bridge.node(bridge.host("192.168.7.1/24"), "1", PLAIN);
    Bridge.Peer b = bridge.node(bridge.host("192.168.7.2/24"), "2", PLAIN);
    a.await("id ");
    b.await("id ");
    a.tell("publish 127.0.0.1:1");
    b.tell("resolve " + A);
    b.await("done");
    assertThat(b.first("found")).isEmpty();
  }
}
