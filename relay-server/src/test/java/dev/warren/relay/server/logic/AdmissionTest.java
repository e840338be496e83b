package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.testlab.ManualClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
  private static final NodeId ID = SecretKey.generate().nodeId();

  private final ManualClock clock = new ManualClock(-5);
  private final List<Integer> cut = new ArrayList<>();
  private int opened;

  private Admission admission(RelayLimits.Builder limits) {
    return new Admission(limits.build(), clock.nanoTime());
  }

  private static RelayLimits.Builder limits() {
    return RelayLimits.builder();
  }

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** Opens the connection of the next number; that number is in {@code cut} when it is cut. */
  private Admission.Connection open(Admission admission, String from) {
    int number = opened++;
    return admission.accepted(ip(from), false, clock.nanoTime(), () -> cut.add(number));
  }

  private Refusal establish(Admission.Connection connection, String from, NodeId id) {
    Refusal refusal = connection.upgrading(ip(from));
    refusal = refusal != null ? refusal : connection.authenticated(id, clock.nanoTime());
    return refusal != null ? refusal : connection.established();
  }

  private Refusal connect(Admission admission, String from) {
    return connect(admission, from, SecretKey.generate().nodeId());
  }

  private Refusal connect(Admission admission, String from, NodeId id) {
    return establish(open(admission, from), from, id);
  }

  // ---- clients ----

  @Test
  void letsInAsManyClientsAsThereArePlaces() {
    Admission admission = admission(limits().clients(2));
    assertThat(connect(admission, "192.0.2.1")).isNull();
    Admission.Connection second = open(admission, "192.0.2.2");
    assertThat(establish(second, "192.0.2.2", ID)).isNull();
    assertThat(connect(admission, "192.0.2.3")).isEqualTo(Refusal.CLIENTS);
    second.ended();
    assertThat(connect(admission, "192.0.2.3")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1, CLIENTS_PER_ADDRESS",
    "192.0.2.1, 192.0.2.2,",
    "2001:db8::1, 2001:db8::2, CLIENTS_PER_ADDRESS",
    "2001:db8::1, 2001:db8:0:0:ffff:ffff:ffff:ffff, CLIENTS_PER_ADDRESS",
    "2001:db8::1, 2001:db8:0:1::1,",
    "192.0.2.1, ::ffff:192.0.2.1, CLIENTS_PER_ADDRESS",
    "0.0.0.1, ::1,",
  })
  void countsClientsByIpv4AddressAndIpv6Subscriber(String first, String second, Refusal expected) {
    Admission admission = admission(limits().clientsPerAddress(1));
    assertThat(connect(admission, first)).isNull();
    assertThat(connect(admission, second)).isEqualTo(expected);
  }

  @Test
  void countsTheClientAndNotTheProxyItCameThrough() {
    Admission admission = admission(limits().clientsPerAddress(1).handshakesPerAddress(1));
    for (String client : List.of("192.0.2.1", "192.0.2.2")) {
      Admission.Connection connection =
          admission.accepted(ip("10.0.0.1"), true, clock.nanoTime(), () -> cut.add(0));
      assertThat(establish(connection, client, SecretKey.generate().nodeId())).isNull();
    }
    admission.accepted(ip("10.0.0.1"), true, clock.nanoTime(), () -> cut.add(0));
    admission.accepted(ip("10.0.0.1"), true, clock.nanoTime(), () -> cut.add(0));
    assertThat(cut).isEmpty();
  }

  @Test
  void whoWasNotLetInTakesNoPlace() {
    Admission admission = admission(limits().clients(1).clientsPerAddress(1).connectionsPerId(1));
    for (int i = 0; i < 10; i++) {
      Admission.Connection denied = open(admission, "192.0.2.1");
      assertThat(denied.upgrading(ip("192.0.2.1"))).isNull();
      assertThat(denied.authenticated(ID, clock.nanoTime())).isNull();
    }
    assertThat(connect(admission, "192.0.2.1", ID)).isNull();
  }

  @Test
  void ofTwoThatAreAskedForTheLastPlaceOneGetsIt() {
    Admission admission = admission(limits().clients(1));
    Admission.Connection one = open(admission, "192.0.2.1");
    Admission.Connection other = open(admission, "192.0.2.2");
    assertThat(one.upgrading(ip("192.0.2.1"))).isNull();
    assertThat(other.upgrading(ip("192.0.2.2"))).isNull();
    assertThat(one.authenticated(ID, 0)).isNull();
    assertThat(other.authenticated(ID, 0)).isNull();
    assertThat(other.established()).isNull();
    assertThat(one.established()).isEqualTo(Refusal.CLIENTS);
  }

  @Test
  void anEndIsCountedOnce() {
    Admission admission = admission(limits().clients(1));
    Admission.Connection first = open(admission, "192.0.2.1");
    establish(first, "192.0.2.1", ID);
    first.ended();
    first.ended();
    assertThat(connect(admission, "192.0.2.1")).isNull();
    assertThat(connect(admission, "192.0.2.1")).isEqualTo(Refusal.CLIENTS);
  }

  @Test
  void lowerLimitsLeaveInWhoIsIn() {
    Admission admission = admission(limits());
    Admission.Connection first = open(admission, "192.0.2.1");
    assertThat(establish(first, "192.0.2.1", ID)).isNull();
    assertThat(connect(admission, "192.0.2.1")).isNull();
    admission.change(limits().clients(1).build(), clock.nanoTime());
    assertThat(cut).isEmpty();
    first.ended();
    assertThat(connect(admission, "192.0.2.1")).isEqualTo(Refusal.CLIENTS);
  }

  // ---- connections that are being established ----

  @Test
  void cutsTheOldestOfAnAddressThatOpensTooMany() {
    Admission admission = admission(limits().handshakesPerAddress(2));
    open(admission, "192.0.2.9");
    open(admission, "192.0.2.1");
    open(admission, "192.0.2.1");
    assertThat(cut).isEmpty();
    open(admission, "192.0.2.1");
    assertThat(cut).containsExactly(1);
    open(admission, "192.0.2.1");
    assertThat(cut).containsExactly(1, 2);
  }

  @Test
  void cutsTheOldestOfAllWhenThereAreTooMany() {
    Admission admission = admission(limits().handshakes(2));
    open(admission, "192.0.2.1");
    open(admission, "192.0.2.2");
    open(admission, "192.0.2.3");
    assertThat(cut).containsExactly(0);
    assertThat(admission.halfOpen()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whoIsCutWhileItsHandshakeGoesOnIsNotLetIn(int steps) {
    Admission admission = admission(limits().handshakes(1));
    Admission.Connection late = open(admission, "192.0.2.1");
    if (steps > 0) {
      assertThat(late.upgrading(ip("192.0.2.1"))).isNull();
    }
    if (steps > 1) {
      assertThat(late.authenticated(ID, clock.nanoTime())).isNull();
    }
    open(admission, "192.0.2.2");
    Refusal refusal =
        switch (steps) {
          case 0 -> late.upgrading(ip("192.0.2.1"));
          case 1 -> late.authenticated(ID, clock.nanoTime());
          default -> late.established();
        };
    assertThat(refusal).isEqualTo(Refusal.HANDSHAKES);
    late.ended();
    assertThat(admission.halfOpen()).isEqualTo(1);
  }

  @Test
  void whoIsEstablishedIsNeverCut() {
    Admission admission = admission(limits().handshakes(3).handshakesPerAddress(2));
    assertThat(connect(admission, "192.0.2.1")).isNull();
    IntStream.range(0, 1000).forEach(i -> open(admission, "192.0.2.1"));
    assertThat(cut).hasSize(998).doesNotContain(0);
  }

  @Test
  void aNewcomerGetsThroughAFloodOfSilentConnections() {
    Admission admission = admission(limits().handshakes(100).handshakesPerAddress(50));
    for (int round = 0; round < 100; round++) {
      Admission.Connection honest = open(admission, "192.0.2.7");
      for (int i = 0; i < 99; i++) {
        open(admission, "198.51.100." + i % 4);
      }
      assertThat(establish(honest, "192.0.2.7", SecretKey.generate().nodeId())).isNull();
    }
  }

  // ---- ids ----

  @Test
  void anIdThatConnectsAThousandTimesASecondHarmsNobodyElse() {
    Admission admission = admission(limits().connectsPerIdPerSecond(8).connectionsPerId(0));
    int let = 0;
    for (int i = 0; i < 10_000; i++) {
      clock.advance(Duration.ofMillis(1));
      let += connect(admission, "192.0.2.1", ID) == null ? 1 : 0;
      if (i % 500 == 0) {
        assertThat(connect(admission, "192.0.2.1")).isNull();
      }
    }
    assertThat(let).isBetween(8 * 10, 8 * 10 + 32);
  }

  @Test
  void anIdThatComesBackAtItsRateIsNeverRefused() {
    Admission admission = admission(limits().connectsPerIdPerSecond(8).connectionsPerId(0));
    for (int i = 0; i < 1000; i++) {
      assertThat(connect(admission, "192.0.2.1", ID)).isNull();
      clock.advance(Duration.ofMillis(125));
    }
  }

  @Test
  void anIdIsLetInAgainWhenOneOfItsConnectionsHasEnded() {
    Admission admission = admission(limits().connectionsPerId(2));
    Admission.Connection first = open(admission, "192.0.2.1");
    assertThat(establish(first, "192.0.2.1", ID)).isNull();
    assertThat(connect(admission, "192.0.2.2", ID)).isNull();
    assertThat(connect(admission, "192.0.2.3", ID)).isEqualTo(Refusal.CONNECTIONS_PER_ID);
    first.ended();
    assertThat(connect(admission, "192.0.2.3", ID)).isNull();
  }

  // ---- accepts ----

  @Test
  void acceptsNoMoreASecondThanItIsTo() {
    Admission admission = admission(limits().acceptsPerSecond(2.5).acceptBurst(5));
    int accepted = 0;
    for (int i = 0; i < 10_000; i++) {
      accepted += open(admission, "192.0.2.1") == null ? 0 : 1;
      clock.advance(Duration.ofMillis(1));
    }
    assertThat(accepted).isBetween(29, 30);
  }

  // ---- bounds ----

  @Test
  void remembersNoAddressThatHasNoConnection() {
    Admission admission = admission(limits());
    for (int i = 0; i < 100_000; i++) {
      Admission.Connection connection =
          admission.accepted(
              ip("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255)), false, 0, () -> {});
      assertThat(connection.upgrading(ip("192.0.2.1"))).isNull();
      connection.ended();
    }
    assertThat(admission.remembered()).isZero();
  }

  @Test
  void remembersNoMoreIdsThanItsBound() {
    IdRates rates = new IdRates(1);
    byte[] key = new byte[32];
    for (int i = 0; i < IdRates.REMEMBERED + 100; i++) {
      key[0] = (byte) i;
      key[1] = (byte) (i >> 8);
      key[2] = (byte) (i >> 16);
      rates.take(SecretKey.ofBytes(key).nodeId(), 0);
    }
    assertThat(rates.remembered()).isEqualTo(IdRates.REMEMBERED);
  }

  @Test
  void eventsOutOfOrderAreABugOfTheCaller() {
    Admission.Connection connection = open(admission(limits()), "192.0.2.1");
    assertThatThrownBy(() -> connection.authenticated(ID, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("AUTHENTICATED after ACCEPTED");
    assertThatThrownBy(connection::established).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whereNoMoreCanBeTakenTheOldestOfThoseOnTheWayAreCut() {
    Admission admission = admission(limits());
    assertThat(connect(admission, "192.0.2.9")).isNull();
    for (int i = 0; i < 5; i++) {
      open(admission, "192.0.2." + i);
    }
    assertThat(admission.shed(3)).isEqualTo(3);
    assertThat(cut).containsExactly(1, 2, 3);
    assertThat(admission.halfOpen()).isEqualTo(2);
    assertThat(admission.shed(3)).isEqualTo(2);
    assertThat(admission.shed(3)).isZero();
    assertThat(cut).containsExactly(1, 2, 3, 4, 5);
  }
}
