package dev.warren.relay.client.logic;

import static dev.warren.relay.client.logic.Liveness.Action.GIVE_UP;
import static dev.warren.relay.client.logic.Liveness.Action.NONE;
import static dev.warren.relay.client.logic.Liveness.Action.PING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Every state of a relay connection has an end. */
class LivenessTest {
  private static final long MS = 1_000_000;

  /** Near the end of the clock's range, which it may pass. */
  private static final long T = Long.MAX_VALUE - 1000 * MS;

  private final Liveness liveness = new Liveness();

  private void expect(long atMs, Liveness.Action action) {
    assertThat(liveness.check(T + atMs * MS)).as("at %d ms", atMs).isEqualTo(action);
  }

  @Test
  void aDialHasTenSeconds() {
    liveness.onDial(T);
    expect(9_999, NONE);
    expect(10_000, GIVE_UP);
    assertThat(liveness.due()).isEqualTo(T + Liveness.DIAL);
  }

  @Test
  void aRelayThatSaysAllSortsOfThingsButNeverAnswersIsGivenUp() {
    liveness.onDial(T);
    liveness.onConnected(T);
    liveness.onPingSent(T);
    for (int ms = 0; ms < 60_000; ms += 1000) {
      liveness.onReceived(T + ms * MS);
      expect(ms + 999, NONE);
    }
    expect(60_000, GIVE_UP);
  }

  @Test
  void silenceIsAskedAboutAfterFifteenSeconds() {
    liveness.onDial(T);
    liveness.onConnected(T);
    expect(14_999, NONE);
    expect(15_000, PING);
    liveness.onReceived(T + 10_000 * MS);
    expect(15_000, NONE);
    expect(25_000, PING);
  }

  @Test
  void aPingWithoutAnyAnswerEndsTheConnection() {
    liveness.onDial(T);
    liveness.onConnected(T);
    liveness.onPingSent(T);
    expect(4_999, NONE);
    expect(5_000, GIVE_UP);
  }

  @Test
  void oncePongsAreKnownToBeQuickTheWaitIsShort() {
    liveness.onDial(T);
    liveness.onConnected(T);
    liveness.onPingSent(T);
    assertThat(liveness.onPong(T + 20 * MS)).isEqualTo(20 * MS);
    liveness.onPingSent(T + 1_000 * MS);
    expect(1_499, NONE);
    expect(1_500, GIVE_UP);
  }

  @Test
  void bulkInFrontOfAPongShowsLife() {
    liveness.onDial(T);
    liveness.onConnected(T);
    liveness.onPingSent(T);
    liveness.onReceived(T + 4_000 * MS);
    expect(8_999, NONE);
    expect(9_000, GIVE_UP);
  }
}
