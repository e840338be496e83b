package dev.warren.discovery.dht.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class DhtIdProperties {
  @Property
  void distanceIsThatOfXorAsANumber(
      @ForAll @Size(20) byte[] here, @ForAll @Size(20) byte[] a, @ForAll @Size(20) byte[] b) {
    int expected = xor(here, a).compareTo(xor(here, b));
    int actual = DhtId.of(here).compareDistance(DhtId.of(a), DhtId.of(b));
    assertThat(Integer.signum(actual)).isEqualTo(expected);
  }

  private static BigInteger xor(byte[] a, byte[] b) {
    return new BigInteger(1, a).xor(new BigInteger(1, b));
  }

  @Property
  void anIdAtAPrefixHasThatPrefix(
      @ForAll @Size(20) byte[] here, @ForAll @IntRange(max = 159) int prefix, @ForAll long seed) {
    DhtId near = DhtId.of(here).randomAt(prefix, new Random(seed));
    assertThat(DhtId.of(here).commonPrefix(near)).isEqualTo(prefix);
  }

  @Property
  void everyIdSharesAllBitsWithItself(@ForAll @Size(20) byte[] here) {
    assertThat(DhtId.of(here).commonPrefix(DhtId.of(here))).isEqualTo(DhtId.BITS);
  }
}
