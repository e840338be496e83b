package dev.warren.discovery.local.logic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rhythm of discovery section 7.5; times in milliseconds, the random draw always one half. */
class ExchangeTest {
  private static final long IDLE = Long.MAX_VALUE;
  private static final RandomGenerator HALF =
      new Random() {
        @Override
        public double nextDouble() {
          return 0.5;
        }
      };

  private int swarm = 1;
  private final Exchange exchange = new Exchange(HALF, () -> swarm);

  private static long ms(long millis) {
    return millis * 1_000_000;
  }

  private Exchange.Action at(long millis) {
    return exchange.onTime(ms(millis));
  }

  private long deadline() {
    return exchange.deadline(IDLE) / 1_000_000;
  }

  @Test
  void whoWantsNothingNeverAsks() {
    assertThat(exchange.deadline(IDLE)).isEqualTo(IDLE);
    assertThat(at(1_000_000)).isEqualTo(Exchange.Action.NOTHING);
  }

  @ParameterizedTest(name = "{0} nodes: after {1} ms")
  @CsvSource({"1, 735", "2, 770", "10, 1050", "100, 4200"})
  void whoWantsAsksAfterTheCadenceAndLaterTheMoreThereAre(int nodes, long after) {
    swarm = nodes;
    exchange.want(true, 0);
    assertThat(deadline()).isEqualTo(after);
    assertThat(at(after - 1)).isEqualTo(Exchange.Action.NOTHING);
    assertThat(at(after)).isEqualTo(Exchange.Action.ASK);
  }

  @Test
  void theQueryOfAnotherServesInstead() {
    exchange.want(true, 0);
    exchange.queried(ms(700));
    assertThat(at(725)).isEqualTo(Exchange.Action.ANSWER);
    assertThat(deadline()).isEqualTo(725 + 735);
  }

  @ParameterizedTest(name = "{0} nodes: after {1} ms")
  @CsvSource({"1, 25", "2, 50", "10, 250", "100, 2500"})
  void anAnswerComesLaterTheMoreThereAre(int nodes, long after) {
    swarm = nodes;
    exchange.queried(0);
    assertThat(at(after - 1)).isEqualTo(Exchange.Action.NOTHING);
    assertThat(at(after)).isEqualTo(Exchange.Action.ANSWER);
    assertThat(exchange.deadline(IDLE)).isEqualTo(IDLE);
  }

  @Test
  void twoAnswersOfOthersAreEnough() {
    swarm = 4;
    exchange.queried(0);
    exchange.heard(1, ms(10));
    assertThat(deadline()).isEqualTo(100);
    exchange.heard(1, ms(20));
    assertThat(exchange.deadline(IDLE)).isEqualTo(IDLE);
  }

  @Test
  void aSecondQueryInARoundIsIgnored() {
    exchange.queried(0);
    exchange.queried(ms(20));
    assertThat(deadline()).isEqualTo(25);
  }

  /** Extra = 100 ms · min(10, S div 2) after an answer, and 100 ms less in each round without. */
  @ParameterizedTest(name = "{0} nodes: {1} ms more, then {2}")
  @CsvSource({"1, 0, 0", "4, 200, 100", "50, 1000, 900"})
  void whoAnsweredLetsOthersGoFirst(int nodes, long extra, long next) {
    swarm = nodes;
    long plain = nodes * 25L;
    exchange.queried(0);
    assertThat(at(plain)).isEqualTo(Exchange.Action.ANSWER);
    exchange.queried(ms(10_000));
    assertThat(deadline()).isEqualTo(10_000 + plain + extra);
    exchange.heard(2, ms(10_001));
    exchange.queried(ms(20_000));
    assertThat(deadline()).isEqualTo(20_000 + plain + next);
  }

  @Test
  void anAnswerGivenEarlierCounts() {
    swarm = 4;
    exchange.queried(0);
    exchange.answered(ms(1));
    assertThat(exchange.deadline(IDLE)).isEqualTo(IDLE);
    exchange.queried(ms(1000));
    assertThat(deadline()).isEqualTo(1000 + 100 + 200);
  }

  @Test
  void whoWantsNoLongerStopsAskingButStillAnswers() {
    exchange.want(true, 0);
    exchange.want(false, ms(1));
    assertThat(exchange.deadline(IDLE)).isEqualTo(IDLE);
    exchange.queried(ms(2));
    exchange.want(true, ms(3));
    exchange.want(false, ms(4));
    assertThat(at(27)).isEqualTo(Exchange.Action.ANSWER);
    assertThat(exchange.deadline(IDLE)).isEqualTo(IDLE);
  }
}
