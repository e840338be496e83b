package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Namespaces;
import dev.warren.testlab.Netns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Direct paths that swallow large datagrams, in network namespaces: two peers, a relay that both
 * reach at full size, and a router between the peers whose links are small.
 *
 * <pre>
 * a 10.9.1.2 --- 10.9.1.1 relay 10.9.2.1 --- 10.9.2.2 b      1500 bytes
 * a 10.9.3.2 --- 10.9.3.1 router 10.9.4.1 -- 10.9.4.2 b      small
 * </pre>
 */
@Timeout(90)
class SmallPathTest {
  private static final int BYTES = 20_000_000;

  /** A path that stalls loses at least QUIC's idle timeout, 30 s. */
  private static final long LIMIT_SECONDS = 25;

  private static final String A = "10.9.3.2";
  private static final String B = "10.9.4.2";

  private static Optional<String> unavailable;

  private final List<Peer> peers = new ArrayList<>();
  private final List<Netns> hosts = new ArrayList<>();
  private Netns a;
  private Netns b;
  private Netns router;
  private Netns middle;

  private record Peer(Process process, BufferedReader out) {
    String line(String prefix) throws Exception {
      CompletableFuture<String> read =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return out.readLine();
                } catch (IOException e) {
                  return e.toString();
                }
              });
      String line = read.get(LIMIT_SECONDS, TimeUnit.SECONDS);
      assertThat(line).startsWith(prefix);
      return line.substring(prefix.length()).strip();
    }

    String ask(String line, String prefix) throws Exception {
      process.getOutputStream().write((line + "\n").getBytes());
      process.getOutputStream().flush();
      return line(prefix);
    }
  }

  @BeforeAll
  static void probe() {
    unavailable = Netns.unavailable();
  }

  @BeforeEach
  void build() {
    Namespaces.need(unavailable);
    a = host("a");
    b = host("b");
    middle = host("relay");
    router = host("router");
    Netns.cable(a, "up", "10.9.1.2/24", middle, "a", "10.9.1.1/24");
    Netns.cable(b, "up", "10.9.2.2/24", middle, "b", "10.9.2.1/24");
    Netns.cable(a, "direct", A + "/24", router, "a", "10.9.3.1/24");
    Netns.cable(b, "direct", B + "/24", router, "b", "10.9.4.1/24");
    a.ip("route", "add", "10.9.4.0/24", "via", "10.9.3.1");
    b.ip("route", "add", "10.9.3.0/24", "via", "10.9.4.1");
    b.ip("route", "add", "10.9.1.0/24", "via", "10.9.2.1");
    router.forward();
  }

  private Netns host(String name) {
    Netns host = new Netns(name);
    hosts.add(host);
    return host;
  }

  @AfterEach
  void tearDown() throws Exception {
    for (Peer peer : peers) {
      peer.process.destroy();
      if (!peer.process.waitFor(5, TimeUnit.SECONDS)) {
        peer.process.destroyForcibly();
      }
    }
    hosts.forEach(Netns::close);
  }

  private Peer start(Netns host, String... args) throws IOException {
    Process process = host.java(LabPeer.class, args);
    Peer peer =
        new Peer(process, new BufferedReader(new InputStreamReader(process.getInputStream())));
    peers.add(peer);
    return peer;
  }

  /** No ICMP comes back from the router, as behind many firewalls. */
  private void silenceRouter() {
    router.ip("rule", "add", "pref", "0", "iif", "lo", "blackhole");
    router.ip("rule", "del", "pref", "0", "lookup", "local");
    router.ip("rule", "add", "pref", "1", "lookup", "local");
  }

  private Peer connect(boolean relayed) throws Exception {
    String relay = "none";
    if (relayed) {
      relay = start(middle, "relay", "10.9.1.1:3340").line("url");
    }
    String ticket = start(b, "listen", B + ":4000", relay).line("ticket");
    Peer dialler = start(a, "dial", A + ":4000", relay, ticket);
    dialler.line("connected");
    return dialler;
  }

  private void shrink(int mtu) {
    router.mtu("a", mtu);
    router.mtu("b", mtu);
  }

  @ParameterizedTest(name = "MTU {0}, ICMP {1}")
  @CsvSource({"1400, false", "1280, true", "1280, false"})
  void aTransferOverASmallDirectPathDoesNotStall(int mtu, boolean icmp) throws Exception {
    shrink(mtu);
    if (!icmp) {
      silenceRouter();
    }
    Peer dialler = connect(true);
    dialler.ask("" + BYTES, "sent");
  }

  @Test
  void aPathThatShrinksInMidTransferIsLeftForTheRelay() throws Exception {
    silenceRouter();
    Peer dialler = connect(true);
    assertThat(dialler.ask("1000000", "sent")).contains("DIRECT");
    shrink(1280);
    String sent = dialler.ask("" + BYTES, "sent");
    assertThat(sent).contains("RELAY").contains("1252 bytes only");
  }

  @Test
  void withoutARelayItIsUsedInFragments() throws Exception {
    Peer dialler = connect(false);
    assertThat(dialler.ask("1000000", "sent")).contains("DIRECT");
    shrink(1280);
    assertThat(dialler.ask("" + BYTES, "sent")).contains("DIRECT");
  }

  @Test
  void theOwnInterfaceMayBeTheSmallOne() throws Exception {
    a.mtu("direct", 1280);
    router.mtu("a", 1280);
    Peer dialler = connect(true);
    dialler.ask("" + BYTES, "sent");
  }
}
