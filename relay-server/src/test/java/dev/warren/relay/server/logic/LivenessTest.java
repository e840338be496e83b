package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.relay.server.logic.Liveness.Action;
import org.junit.jupiter.api.Test;

/** When a client is pinged and given up, with time moved by hand. */
class LivenessTest {
  private static final long SECOND = 1_000_000_000L;

  private final Liveness early = new Liveness(0, 0);

  @Test
  void aSilentClientIsPingedAfterFifteenToTwentySecondsAndGivenUpFiveLater() {
    assertThat(early.check(15 * SECOND - 1)).isEqualTo(Action.NONE);
    assertThat(early.check(15 * SECOND)).isEqualTo(Action.PING);
    assertThat(early.check(20 * SECOND - 1)).isEqualTo(Action.NONE);
    assertThat(early.check(20 * SECOND)).isEqualTo(Action.GIVE_UP);
    assertThat(new Liveness(0, 1).due()).isEqualTo(20 * SECOND);
  }

  @Test
  void whateverComesPutsThePingOff() {
    early.onReceived(14 * SECOND);
    assertThat(early.check(15 * SECOND)).isEqualTo(Action.NONE);
    assertThat(early.check(29 * SECOND)).isEqualTo(Action.PING);
  }

  @Test
  void aPongKeepsIt() {
    assertThat(early.check(15 * SECOND)).isEqualTo(Action.PING);
    early.onPong();
    early.onReceived(16 * SECOND);
    assertThat(early.check(21 * SECOND)).isEqualTo(Action.NONE);
    assertThat(early.check(31 * SECOND)).isEqualTo(Action.PING);
  }

  /** A pong may be stuck behind bulk data. */
  @Test
  void otherFramesKeepItTooAndItIsPingedAgain() {
    assertThat(early.check(15 * SECOND)).isEqualTo(Action.PING);
    early.onReceived(19 * SECOND);
    assertThat(early.check(20 * SECOND)).isEqualTo(Action.NONE);
    assertThat(early.check(34 * SECOND)).isEqualTo(Action.PING);
    assertThat(early.check(39 * SECOND)).isEqualTo(Action.GIVE_UP);
  }

  @Test
  void theClockMayBeginAnywhere() {
    long start = Long.MAX_VALUE - SECOND;
    Liveness liveness = new Liveness(start, 0);
    assertThat(liveness.check(start + 14 * SECOND)).isEqualTo(Action.NONE);
    assertThat(liveness.check(start + 15 * SECOND)).isEqualTo(Action.PING);
    assertThat(liveness.check(start + 20 * SECOND)).isEqualTo(Action.GIVE_UP);
  }
}
