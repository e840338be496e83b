package dev.warren.testlab.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.testlab.nat.NatKind;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulated network behaves as the kernel's does in the laboratory. */
class SimNetworkTest {
  private static final long SECOND = 1_000_000_000L;
  private static final SimLink WAN = SimLink.millis(10);
  private static final SimLink LAN = SimLink.delay(Duration.ofNanos(200_000));
  private static final byte[] PROBE = {1};

  private final SimNetwork network = new SimNetwork(7);
  private final List<InetSocketAddress> heard = new ArrayList<>();
  private int routers;

  /** A server that tells, by its answer's arrival alone, and remembers who wrote. */
  private SimSocket server(String address, int port) {
    SimSocket socket = network.host(address, WAN).bind(port);
    socket.onReceive(
        (from, payload) -> {
          heard.add(from);
          socket.send(from, payload);
        });
    return socket;
  }

  private SimHost behind(NatKind kind) {
    routers++;
    return network
        .nat("198.51.100." + (10 + routers), kind, WAN)
        .host((kind.translates() ? "192.168." : "198.18.") + routers + ".10", LAN);
  }

  private int outsidePort(SimSocket socket, SimSocket server) {
    int before = heard.size();
    socket.send(server.address(), PROBE);
    network.run(network.now() + SECOND);
    assertEquals(before + 1, heard.size());
    return heard.get(before).getPort();
  }

  @Test
  void aMappingIsWhatItsKindSays() {
    SimSocket one = server("203.0.113.20", 3478);
    SimSocket two = server("203.0.113.21", 3478);
    SimSocket twoB = server("203.0.113.22", 3479);
    SimSocket cone = behind(NatKind.PORT_RESTRICTED).bind(7000);
    assertEquals(7000, outsidePort(cone, one));
    assertEquals(7000, outsidePort(cone, two));
    SimSocket symmetric = behind(NatKind.SYMMETRIC).bind(7000);
    int first = outsidePort(symmetric, one);
    assertNotEquals(first, outsidePort(symmetric, two));
    assertEquals(first, outsidePort(symmetric, one));
    SimSocket counted = behind(NatKind.SYMMETRIC_SEQUENTIAL).bind(7000);
    int base = outsidePort(counted, one);
    assertEquals(base + 1, outsidePort(counted, two));
    assertEquals(base + 2, outsidePort(counted, twoB));
  }

  @Test
  void aMappingEndsAndAnotherBegins() {
    SimSocket one = server("203.0.113.20", 3478);
    SimSocket a = behind(NatKind.SYMMETRIC.withLifetime(Duration.ofSeconds(2))).bind(7000);
    int first = outsidePort(a, one);
    network.run(network.now() + 3 * SECOND);
    one.send(new InetSocketAddress("198.51.100.11", first), PROBE);
    long before = a.received();
    network.run(network.now() + SECOND);
    assertEquals(before, a.received());
    assertNotEquals(first, outsidePort(a, one));
  }

  @Test
  void timeTakesWhatTheLinksTake() {
    SimSocket one = server("203.0.113.20", 3478);
    SimSocket a = behind(NatKind.PORT_RESTRICTED).bind(7000);
    long[] at = {0};
    a.onReceive((from, payload) -> at[0] = network.now());
    a.send(one.address(), PROBE);
    network.run(SECOND);
    assertEquals(2 * (10_000_000 + 10_000_000 + 200_000), at[0]);
  }

  @Test
  void aLinkLosesAndSwallowsTheLarge() {
    SimSocket server = server("203.0.113.20", 3478);
    SimHost host = network.host("198.51.100.200", WAN.withLoss(0.5).withMtu(1280));
    SimSocket a = host.bind(0);
    for (int i = 0; i < 1000; i++) {
      a.send(server.address(), PROBE);
    }
    network.run(SECOND);
    assertTrue(heard.size() > 400 && heard.size() < 600, "about half: " + heard.size());
    int before = heard.size();
    for (int i = 0; i < 100; i++) {
      a.send(server.address(), new byte[1281]);
    }
    network.run(2 * SECOND);
    assertEquals(before, heard.size());
  }

  @Test
  void oneSeedIsOneRun() {
    Set<String> runs = new LinkedHashSet<>();
    for (long seed : new long[] {1, 1, 2}) {
      SimNetwork other = new SimNetwork(seed);
      SimSocket server = other.host("203.0.113.20", WAN).bind(1);
      StringBuilder order = new StringBuilder();
      server.onReceive((from, payload) -> order.append(payload[0]).append(' '));
      SimSocket a =
          other.host("203.0.113.21", WAN.withJitter(Duration.ofMillis(30)).withLoss(0.2)).bind(0);
      for (byte i = 0; i < 50; i++) {
        a.send(server.address(), new byte[] {i});
      }
      other.run(SECOND);
      runs.add(order.toString());
    }
    assertEquals(2, runs.size());
  }

  static Stream<Arguments> pairs() {
    NatKind carrier =
        NatKind.nat(
            "cgnat",
            dev.warren.testlab.nat.Mapping.ENDPOINT_INDEPENDENT_RANDOM,
            dev.warren.testlab.nat.Filtering.ADDRESS_AND_PORT_DEPENDENT);
    List<NatKind> easy =
        List.of(
            NatKind.FIREWALL,
            NatKind.FULL_CONE,
            NatKind.RESTRICTED_CONE,
            NatKind.PORT_RESTRICTED,
            carrier);
    List<NatKind> hard = List.of(NatKind.ADDRESS_SYMMETRIC, NatKind.SYMMETRIC);
    List<Arguments> all = new ArrayList<>();
    for (NatKind a : easy) {
      easy.forEach(b -> all.add(Arguments.of(a, b, true)));
      boolean lenient = a == NatKind.FULL_CONE || a == NatKind.RESTRICTED_CONE;
      hard.forEach(b -> all.add(Arguments.of(a, b, lenient)));
      all.add(Arguments.of(a, NatKind.UDP_BLOCKED, false));
    }
    hard.forEach(a -> hard.forEach(b -> all.add(Arguments.of(a, b, false))));
    return all.stream();
  }

  /** The table that was measured in the kernel's laboratory (nat-lab section 5). */
  @ParameterizedTest(name = "{0} and {1}: {2}")
  @MethodSource("pairs")
  void plainPunchingOpensWhatItOpensInTheKernel(NatKind a, NatKind b, boolean direct) {
    SimSocket stun = server("203.0.113.20", 3478);
    Puncher left = new Puncher(behind(a).bind(7001), stun);
    Puncher right = new Puncher(behind(b).bind(7002), stun);
    network.run(SECOND);
    left.punch(right);
    right.punch(left);
    assertEquals(direct, network.run(network.now() + 5 * SECOND, () -> left.open && right.open));
  }

  /** Knows its reflexive address and writes to all it knows of the other, each 100 ms. */
  private final class Puncher {
    private final SimSocket socket;
    private final Set<InetSocketAddress> targets = new LinkedHashSet<>();
    private InetSocketAddress reflexive;
    private boolean open;

    Puncher(SimSocket socket, SimSocket stun) {
      this.socket = socket;
      this.reflexive = socket.address();
      int before = heard.size();
      socket.send(stun.address(), PROBE);
      network.run(network.now() + SECOND);
      if (heard.size() > before) {
        reflexive = heard.get(before);
      }
    }

    void punch(Puncher other) {
      targets.add(other.reflexive);
      socket.onReceive(
          (from, payload) -> {
            targets.add(from);
            if (payload[0] == 1) {
              socket.send(from, new byte[] {2});
            } else {
              open = true;
            }
          });
      again();
    }

    private void again() {
      targets.forEach(target -> socket.send(target, PROBE));
      network.after(100_000_000, this::again);
    }
  }

  @Test
  void hairpinIsThereWhereItIsClaimed() {
    for (NatKind kind : List.of(NatKind.FULL_CONE, NatKind.FULL_CONE.withHairpin())) {
      SimNat nat = network.nat(kind.hairpin() ? "198.51.100.51" : "198.51.100.50", kind, WAN);
      SimSocket stun = server(kind.hairpin() ? "203.0.113.31" : "203.0.113.30", 1);
      SimSocket a = nat.host("192.168.1.10", LAN).bind(7000);
      SimSocket b = nat.host("192.168.1.11", LAN).bind(7001);
      int port = outsidePort(a, stun);
      long before = a.received();
      b.send(new InetSocketAddress(nat.external(), port), PROBE);
      network.run(network.now() + SECOND);
      assertEquals(kind.hairpin(), a.received() > before);
    }
  }

  @Test
  void anUnpluggedHostHearsNothingUntilItIsBack() {
    SimSocket server = server("203.0.113.20", 1);
    SimHost host = network.host("198.51.100.70", WAN);
    SimSocket a = host.bind(5);
    host.unplug();
    a.send(server.address(), PROBE);
    server.send(a.address(), PROBE);
    network.run(SECOND);
    assertEquals(0, a.received());
    assertFalse(heard.contains(a.address()));
    host.plug(WAN);
    a.send(server.address(), PROBE);
    network.run(2 * SECOND);
    assertEquals(1, a.received());
  }
}
