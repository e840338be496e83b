package dev.warren.magicsock.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.magicsock.logic.ReflexiveAddress.MappingKind;
import dev.warren.testlab.nat.NatKind;
import dev.warren.testlab.sim.SimHost;
import dev.warren.testlab.sim.SimLink;
import dev.warren.testlab.sim.SimNat;
import dev.warren.testlab.sim.SimNetwork;
import dev.warren.testlab.sim.SimSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against servers of a simulated network, behind simulated NATs. */
class ReflexiveAddressTest {
  private static final long SECOND = 1_000_000_000L;
  private static final SimLink WAN = SimLink.millis(20);
  private static final SimLink LAN = SimLink.millis(0);

  private final SimNetwork network = new SimNetwork(11);
  private final List<SimSocket> servers = new ArrayList<>();
  private final List<InetSocketAddress> asked = new ArrayList<>();
  private int changes;
  private SimNat nat;
  private SimSocket socket;
  private ReflexiveAddress reflexive;

  private void servers(int count, SimLink link) {
    for (int i = 0; i < count; i++) {
      SimSocket server = network.host("203.0.113." + (20 + i), link).bind(3478);
      server.onReceive(
          (from, tx) -> {
            byte[] text =
                (from.getHostString() + " " + from.getPort()).getBytes(StandardCharsets.US_ASCII);
            server.send(from, ByteBuffer.allocate(12 + text.length).put(tx).put(text).array());
          });
      servers.add(server);
    }
  }

  private void behind(NatKind kind) {
    nat = network.nat("198.51.100.11", kind, WAN);
    SimHost host = nat.host("192.168.1.10", LAN);
    socket = host.bind(7000);
    SplittableRandom random = new SplittableRandom(3);
    reflexive =
        new ReflexiveAddress(
            new ReflexiveAddress.Orders() {
              @Override
              public void ask(InetSocketAddress server, byte[] transaction) {
                asked.add(server);
                socket.send(server, transaction);
              }

              @Override
              public void changed() {
                changes++;
              }
            },
            () -> {
              byte[] tx = new byte[12];
              random.nextBytes(tx);
              return tx;
            },
            random);
    socket.onReceive(
        (from, answer) -> {
          String[] mapped =
              new String(answer, 12, answer.length - 12, StandardCharsets.US_ASCII).split(" ");
          reflexive.onAnswer(
              java.util.Arrays.copyOf(answer, 12),
              from,
              new InetSocketAddress(mapped[0], Integer.parseInt(mapped[1])),
              network.now());
        });
  }

  private void start() {
    reflexive.onServers(servers.stream().map(SimSocket::address).toList(), network.now());
  }

  /** Lets time pass, and the timer run when it is due. */
  private void pass(Duration time) {
    long until = network.now() + time.toNanos();
    while (network.now() < until) {
      long due = reflexive.deadline();
      boolean first = due != UdpPath.NEVER && due < until;
      network.run(first ? Math.max(due, network.now()) : until);
      reflexive.onTimer(network.now());
      if (first && due == reflexive.deadline()) {
        throw new AssertionError("the timer is due for ever");
      }
    }
  }

  @Test
  void aConeShowsOneAddressToAll() {
    servers(3, WAN);
    behind(NatKind.PORT_RESTRICTED);
    start();
    pass(Duration.ofSeconds(1));
    assertThat(reflexive.report().address()).contains(new InetSocketAddress("198.51.100.11", 7000));
    assertThat(reflexive.report().mapping()).isEqualTo(MappingKind.ENDPOINT_INDEPENDENT);
    assertThat(reflexive.report().latencies()).hasSize(3).containsValue(80_000_000L);
    assertThat(asked).hasSize(3);
  }

  @Test
  void aSymmetricOneShowsDifferentOnes() {
    servers(2, WAN);
    behind(NatKind.SYMMETRIC);
    start();
    pass(Duration.ofSeconds(1));
    assertThat(reflexive.report().mapping()).isEqualTo(MappingKind.ENDPOINT_DEPENDENT);
    assertThat(reflexive.report().address()).isPresent();
  }

  @Test
  void oneServerCannotTell() {
    servers(1, WAN);
    behind(NatKind.SYMMETRIC);
    start();
    pass(Duration.ofSeconds(1));
    assertThat(reflexive.report().mapping()).isEqualTo(MappingKind.UNKNOWN);
    assertThat(reflexive.report().address()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void lostPacketsAreAskedForAgain(long seed) {
    servers(3, WAN.withLoss(0.2));
    behind(NatKind.PORT_RESTRICTED);
    network.run(seed);
    start();
    pass(Duration.ofSeconds(4));
    assertThat(reflexive.report().address()).isPresent();
    assertThat(asked.size()).isLessThanOrEqualTo(15);
  }

  @Test
  void theMappingIsKeptAliveByOnePacketNowAndThen() {
    servers(3, WAN);
    behind(NatKind.SYMMETRIC.withLifetime(Duration.ofSeconds(30)));
    start();
    pass(Duration.ofSeconds(2));
    InetSocketAddress first = reflexive.report().address().orElseThrow();
    asked.clear();
    pass(Duration.ofMinutes(4));
    assertThat(reflexive.report().address()).contains(first);
    assertThat(asked.size()).isBetween(8, 12);
  }

  @Test
  void anotherOutsideAddressIsNoticedByTheNextRound() {
    servers(3, WAN);
    behind(NatKind.PORT_RESTRICTED);
    start();
    pass(Duration.ofSeconds(2));
    changes = 0;
    nat.renumber("198.51.100.99");
    pass(Duration.ofSeconds(30));
    assertThat(reflexive.report().address()).contains(new InetSocketAddress("198.51.100.99", 7000));
    assertThat(reflexive.report().mapping()).isEqualTo(MappingKind.ENDPOINT_INDEPENDENT);
    assertThat(changes).isBetween(1, 2);
  }

  @Test
  void aChangeOfTheNetworkAsksAllAtOnce() {
    servers(3, WAN);
    behind(NatKind.PORT_RESTRICTED);
    start();
    pass(Duration.ofSeconds(2));
    asked.clear();
    nat.renumber("198.51.100.99");
    reflexive.onNetworkChange(network.now());
    assertThat(asked).hasSize(3);
    pass(Duration.ofSeconds(1));
    assertThat(reflexive.report().address()).contains(new InetSocketAddress("198.51.100.99", 7000));
  }

  @Test
  void aLostPathAsksAtOnceButNotAgainAndAgain() {
    servers(3, WAN);
    behind(NatKind.PORT_RESTRICTED);
    start();
    pass(Duration.ofSeconds(4));
    asked.clear();
    nat.renumber("198.51.100.99");
    reflexive.onDoubt(network.now());
    assertThat(asked).hasSize(1);
    pass(Duration.ofMillis(500));
    assertThat(reflexive.report().address()).contains(new InetSocketAddress("198.51.100.99", 7000));
    int before = asked.size();
    reflexive.onDoubt(network.now());
    assertThat(asked).hasSize(before);
  }

  @Test
  void aNetworkWithoutUdpHasNoAddress() {
    servers(3, WAN);
    behind(NatKind.PORT_RESTRICTED);
    start();
    pass(Duration.ofSeconds(2));
    nat.become(NatKind.UDP_BLOCKED);
    pass(Duration.ofMinutes(3));
    assertThat(reflexive.report()).isEqualTo(ReflexiveAddress.Report.NOTHING);
    nat.become(NatKind.PORT_RESTRICTED);
    pass(Duration.ofMinutes(1));
    assertThat(reflexive.report().address()).isPresent();
  }

  @Test
  void anAnswerMustBeToAQuestionAndFromWhoWasAsked() {
    servers(1, WAN);
    behind(NatKind.PORT_RESTRICTED);
    List<byte[]> sent = new ArrayList<>();
    servers.get(0).onReceive((from, tx) -> sent.add(tx));
    start();
    pass(Duration.ofMillis(50));
    InetSocketAddress liar = new InetSocketAddress("203.0.113.66", 3478);
    InetSocketAddress lie = new InetSocketAddress("192.0.2.1", 1);
    assertThat(reflexive.onAnswer(sent.get(0), liar, lie, network.now())).isFalse();
    assertThat(reflexive.onAnswer(new byte[12], servers.get(0).address(), lie, network.now()))
        .isFalse();
    assertThat(reflexive.report().address()).isEmpty();
    assertThat(reflexive.onAnswer(sent.get(0), servers.get(0).address(), lie, network.now()))
        .isTrue();
    assertThat(reflexive.report().address()).contains(lie);
  }

  @Test
  void aSilentServerDoesNotHideTheOthers() {
    servers(2, WAN);
    behind(NatKind.PORT_RESTRICTED);
    List<InetSocketAddress> all =
        new ArrayList<>(List.of(new InetSocketAddress("203.0.113.99", 3478)));
    servers.forEach(s -> all.add(s.address()));
    reflexive.onServers(all, network.now());
    pass(Duration.ofSeconds(1));
    assertThat(reflexive.report().mapping()).isEqualTo(MappingKind.ENDPOINT_INDEPENDENT);
    pass(Duration.ofSeconds(30));
    assertThat(asked.subList(asked.size() - 1, asked.size())).doesNotContain(all.get(0));
  }

  @Test
  void withoutServersNothingIsDue() {
    behind(NatKind.PORT_RESTRICTED);
    start();
    assertThat(reflexive.deadline()).isEqualTo(UdpPath.NEVER);
    servers(1, WAN);
    start();
    pass(Duration.ofSeconds(1));
    assertThat(reflexive.report().address()).isPresent();
    reflexive.onServers(List.of(), network.now());
    assertThat(reflexive.report().address()).isEmpty();
    assertThat(reflexive.deadline()).isEqualTo(UdpPath.NEVER);
  }
}
