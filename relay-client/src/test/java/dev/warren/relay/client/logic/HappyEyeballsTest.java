package dev.warren.relay.client.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.ManualClock;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class HappyEyeballsTest {
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 300_000_000L);

  private List<Integer> due(HappyEyeballs eyeballs) {
    List<Integer> now = new ArrayList<>();
    for (OptionalInt i = eyeballs.poll(clock.nanoTime());
        i.isPresent();
        i = eyeballs.poll(clock.nanoTime())) {
      now.add(i.getAsInt());
    }
    return now;
  }

  private void pass(int ms) {
    clock.advance(Duration.ofMillis(ms));
  }

  @Test
  void theNextBeginsAQuarterOfASecondLater() {
    HappyEyeballs eyeballs = new HappyEyeballs(3);
    assertThat(due(eyeballs)).containsExactly(0);
    assertThat(eyeballs.due()).isEqualTo(clock.nanoTime() + 250_000_000L);
    pass(249);
    assertThat(due(eyeballs)).isEmpty();
    pass(1);
    assertThat(due(eyeballs)).containsExactly(1);
    pass(1000);
    assertThat(due(eyeballs)).containsExactly(2);
    assertThat(eyeballs.due()).isEqualTo(HappyEyeballs.NEVER);
    assertThat(eyeballs.exhausted()).isFalse();
  }

  @Test
  void aFailureBringsTheNextAtOnce() {
    HappyEyeballs eyeballs = new HappyEyeballs(2);
    due(eyeballs);
    pass(10);
    eyeballs.onFailed(clock.nanoTime());
    assertThat(due(eyeballs)).containsExactly(1);
    assertThat(eyeballs.exhausted()).isFalse();
    eyeballs.onFailed(clock.nanoTime());
    assertThat(due(eyeballs)).isEmpty();
    assertThat(eyeballs.exhausted()).isTrue();
  }

  private static List<InetAddress> addresses(String... texts) throws Exception {
    List<InetAddress> all = new ArrayList<>();
    for (String text : texts) {
      all.add(InetAddress.getByName(text));
    }
    return all;
  }

  @Test
  void familiesTakeTurnsBeginningWithTheResolversFirst() throws Exception {
    List<InetAddress> found = addresses("::1", "::2", "::3", "10.0.0.1", "10.0.0.2");
    assertThat(AddressOrder.interleaved(found, 0))
        .isEqualTo(addresses("::1", "10.0.0.1", "::2", "10.0.0.2", "::3"));
    assertThat(AddressOrder.interleaved(addresses("10.0.0.1", "10.0.0.2", "::1"), 0))
        .isEqualTo(addresses("10.0.0.1", "::1", "10.0.0.2"));
    assertThat(AddressOrder.interleaved(List.of(), 3)).isEmpty();
  }

  @Test
  void theFirstIsMovedToTheEndAsOftenAsAsked() throws Exception {
    List<InetAddress> found = addresses("10.0.0.1", "10.0.0.2", "::1");
    assertThat(AddressOrder.interleaved(found, 1))
        .isEqualTo(addresses("::1", "10.0.0.2", "10.0.0.1"));
    assertThat(AddressOrder.interleaved(found, 3)).isEqualTo(AddressOrder.interleaved(found, 0));
    assertThat(AddressOrder.interleaved(found, Integer.MIN_VALUE)).hasSize(3);
  }

  @Test
  void aNameServerCannotMakeUsDialTheWorld() throws Exception {
    List<InetAddress> found = new ArrayList<>(addresses("::1"));
    for (int i = 0; i < 1000; i++) {
      found.add(InetAddress.getByName("10.0." + i / 250 + "." + (1 + i % 250)));
    }
    assertThat(AddressOrder.interleaved(found, 0))
        .hasSize(16)
        .startsWith(InetAddress.getByName("::1"));
  }
}
