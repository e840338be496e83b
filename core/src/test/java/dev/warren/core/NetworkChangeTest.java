package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Namespaces;
import dev.warren.testlab.nat.LabHost;
import dev.warren.testlab.nat.LabProcess;
import dev.warren.testlab.nat.NatKind;
import dev.warren.testlab.nat.NatLab;
import dev.warren.testlab.nat.Quality;
import dev.warren.testlab.nat.Router;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections live on while the network below them becomes another. */
@Timeout(90)
class NetworkChangeTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String RELAY = "203.0.113.10";

  private static Optional<String> unavailable;

  private NatLab lab;
  private Router near;
  private Router far;
  private LabHost a;
  private LabProcess dialler;

  @BeforeAll
  static void probe() {
    unavailable = NatLab.unavailable();
  }

  @BeforeEach
  void connect() {
    Namespaces.need(unavailable);
    lab = new NatLab();
    String url =
        lab.server("relay", 10)
            .host()
            .java(LabPeer.class, "relay", RELAY + ":80", RELAY + ":3478")
            .await("url", SOON);
    near = lab.router("ra", NatKind.PORT_RESTRICTED);
    far = lab.router("rb", NatKind.PORT_RESTRICTED);
    near.uplink().quality(Quality.delay(10));
    far.uplink().quality(Quality.delay(10));
    String ticket = far.host("b").java(LabPeer.class, "listen", "any", url).await("ticket", SOON);
    a = near.host("a");
    dialler = a.java(LabPeer.class, "dial", "any", url, ticket);
    dialler.await("connected", SOON);
    dialler.tell("direct 10000");
    dialler.await("direct", SOON);
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  /** The longest stall in ms, and how it went on. */
  private String during(Runnable trouble, int millis) {
    dialler.tell("stalls " + millis);
    dialler.await("running", SOON);
    LockSupport.parkNanos(1_000_000_000L);
    trouble.run();
    String said = dialler.await("stalls", SOON);
    System.out.println(said);
    return said;
  }

  private static int longest(String said) {
    return Integer.parseInt(said.substring(0, said.indexOf(' ')));
  }

  @Test
  void aHostMovesToAnotherNetwork() {
    Router mobile = lab.router("rm", NatKind.PORT_RESTRICTED);
    mobile.uplink().quality(Quality.delay(30));
    LabHost.Uplink other = mobile.uplinkFor(a);
    String said =
        during(
            () -> {
              a.leave(a.firstUplink());
              LockSupport.parkNanos(500_000_000L);
              a.moveTo(other);
            },
            10_000);
    assertThat(longest(said)).isLessThan(5_000);
    assertThat(said).contains("DIRECT");
  }

  @Test
  void aRouterRebootsAndHasAnotherAddress() {
    String said = during(() -> near.renumber(99), 15_000);
    assertThat(longest(said)).isLessThan(8_000);
    assertThat(said).contains("DIRECT");
  }

  @Test
  void udpIsSwallowed() {
    String said = during(() -> near.uplink().blockUdp(true), 8_000);
    assertThat(said).contains("RELAY");
    assertThat(longest(said)).isLessThan(8_000);
    near.uplink().blockUdp(false);
    dialler.tell("direct 20000");
    dialler.await("direct", SOON);
  }
}
