package dev.warren.discovery.dht.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.ManualClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("trouble")
class AddressLimitsTest {
  private final ManualClock clock = new ManualClock();
  private final AddressLimits limits = new AddressLimits(0);

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private int answered(InetAddress to, int tries) {
    int answered = 0;
    for (int i = 0; i < tries; i++) {
      answered += limits.mayAnswer(to, 100, 1400, clock.nanoTime()) ? 1 : 0;
    }
    return answered;
  }

  @Test
  void whatGoesToAnUnprovenAddressBeyondWhatCameIsLimited() {
    InetAddress victim = ip("51.0.0.1");
    assertThat(answered(victim, 1000) * 1300).isLessThanOrEqualTo(AddressLimits.EXTRA_BURST);
    clock.advance(Duration.ofSeconds(10));
    assertThat(answered(victim, 1000) * 1300).isLessThanOrEqualTo(10 * AddressLimits.EXTRA);
  }

  @Test
  void anAnswerThatIsNoLongerThanTheQueryIsAlwaysGiven() {
    InetAddress victim = ip("51.0.0.1");
    answered(victim, 1000);
    assertThat(limits.mayAnswer(victim, 100, 100, clock.nanoTime())).isTrue();
  }

  @Test
  void aProvenAddressGetsItsAnswersForTenMinutes() {
    InetAddress peer = ip("51.0.0.1");
    limits.onProven(peer, clock.nanoTime());
    assertThat(answered(peer, 1000)).isEqualTo(1000);
    clock.advance(Duration.ofMinutes(11));
    assertThat(answered(peer, 1000)).isLessThan(20);
  }

  @Test
  void allUnprovenAddressesTogetherAreLimitedToo() {
    int answered = 0;
    for (int i = 0; i < 20_000; i++) {
      answered += answered(ip("51.1." + i / 256 + "." + i % 256), 1);
    }
    assertThat(answered * 1300).isLessThanOrEqualTo(AddressLimits.EXTRA_ALL);
    assertThat(limits.size()).isEqualTo(AddressLimits.LIMIT);
  }

  @Test
  void aNetworkOfIpv6IsOneAddress() {
    answered(ip("2001:db8::1"), 1000);
    assertThat(answered(ip("2001:db8::ffff:2"), 1)).isZero();
    assertThat(answered(ip("2001:db8:0:1::1"), 1)).isEqualTo(1);
  }

  @Test
  void queriesOfOneAddressAreLimitedProvenOrNot() {
    InetAddress peer = ip("51.0.0.1");
    limits.onProven(peer, clock.nanoTime());
    int admitted = 0;
    for (int i = 0; i < 10_000; i++) {
      admitted += limits.admits(peer, clock.nanoTime()) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(2 * AddressLimits.QUERIES);
    assertThat(limits.admits(ip("51.0.0.2"), clock.nanoTime())).isTrue();
  }

  @Test
  void loopbackIsExempt() {
    assertThat(answered(ip("127.0.0.1"), 1000)).isEqualTo(1000);
  }
}
