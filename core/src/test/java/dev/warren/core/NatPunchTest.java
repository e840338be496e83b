package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Namespaces;
import dev.warren.testlab.nat.LabProcess;
import dev.warren.testlab.nat.NatKind;
import dev.warren.testlab.nat.NatLab;
import dev.warren.testlab.nat.Quality;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two peers behind routers of the laboratory, with a relay that serves STUN. */
@Timeout(90)
class NatPunchTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String RELAY = "203.0.113.10";

  private static Optional<String> unavailable;

  @BeforeAll
  static void probe() {
    unavailable = NatLab.unavailable();
  }

  static Stream<Arguments> pairs() {
    List<NatKind> easy =
        List.of(
            NatKind.FIREWALL, NatKind.FULL_CONE, NatKind.RESTRICTED_CONE, NatKind.PORT_RESTRICTED);
    return Stream.concat(
        easy.stream().map(kind -> Arguments.of(NatKind.PORT_RESTRICTED, kind, true)),
        Stream.of(
            Arguments.of(NatKind.SYMMETRIC, NatKind.FULL_CONE, true),
            Arguments.of(NatKind.RESTRICTED_CONE, NatKind.SYMMETRIC, true),
            Arguments.of(NatKind.SYMMETRIC, NatKind.SYMMETRIC, false),
            Arguments.of(NatKind.UDP_BLOCKED, NatKind.PORT_RESTRICTED, false)));
  }

  @ParameterizedTest(name = "{0} dials {1}: direct {2}")
  @MethodSource("pairs")
  void aPairGetsTheDirectPathThatItsRoutersAllow(
      NatKind dialler, NatKind listener, boolean direct) {
    Namespaces.need(unavailable);
    try (NatLab lab = new NatLab()) {
      NatLab.Server relay = lab.server("relay", 10);
      String url =
          relay
              .host()
              .java(LabPeer.class, "relay", RELAY + ":80", RELAY + ":3478")
              .await("url", SOON);
      var near = lab.router("ra", dialler);
      var far = lab.router("rb", listener);
      near.uplink().quality(Quality.delay(10));
      far.uplink().quality(Quality.delay(10));
      String ticket = far.host("b").java(LabPeer.class, "listen", "any", url).await("ticket", SOON);
      LabProcess a = near.host("a").java(LabPeer.class, "dial", "any", url, ticket);
      String connected = a.await("connected", SOON);
      a.tell(direct ? "direct 10000" : "direct 3000");
      String said = a.await(direct ? "direct" : "relayed", SOON);
      System.out.printf(
          "%s dials %s: connected %s ms, direct %s%n", dialler, listener, connected, said);
      a.tell("100000");
      assertThat(a.await("sent", SOON)).contains(direct ? "DIRECT" : "RELAY");
    }
  }
}
