package dev.warren.magicsock.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of two confirmed paths takes the traffic. */
class PathSelectorTest {
  private static UdpPath path(String family, long rttMs, int carries) {
    String address = family.equals("v6") ? "[2001:db8::1]:1" : "192.0.2.1:1";
    UdpPath path = new UdpPath(SocketAddrs.parse(address), "test", true, 1452);
    path.rttNanos = rttMs * 1_000_000;
    path.mtu.onProven(path.rttNanos, 0);
    path.mtu.onPong(284, 0, 0);
    if (carries == 1452) {
      path.mtu.onPong(1452, 0, 0);
    }
    for (long t = 0; carries == 1252 && !path.mtu.isSmall(); t += 400_000_000L) {
      path.mtu.due(path.rttNanos, t);
      path.mtu.onPong(284, 0, t + 1);
    }
    return path;
  }

  @ParameterizedTest(name = "{0} {1} ms {2} B instead of {3} {4} ms {5} B: {6}")
  @CsvSource({
    // Within a family the clearly faster one.
    "v4,  89, 1452, v4, 100, 1452, true",
    "v4,  91, 1452, v4, 100, 1452, false",
    "v4, 100, 1452, v4, 100, 1452, false",
    "v6,  50, 1452, v6, 100, 1452, true",
    // IPv6 unless it is clearly slower.
    "v6, 105, 1452, v4, 100, 1452, true",
    "v6, 115, 1452, v4, 100, 1452, false",
    "v4,  95, 1452, v6, 100, 1452, false",
    "v4,  85, 1452, v6, 100, 1452, true",
    // What carries full-size datagrams before what is known not to.
    "v4, 100, 1452, v4,  10, 1252, true",
    "v4,  10, 1252, v4, 100, 1452, false",
    "v6,  10, 1252, v4, 100, 1452, false",
    "v4,  10, 1252, v4, 100, 1252, true",
    // Not known yet is no reason.
    "v4,  10,  284, v4, 100, 1452, true",
    "v4, 100, 1452, v4,  10,  284, false",
  })
  void takesOver(
      String family, long rtt, int carries, String was, long wasRtt, int wasCarries, boolean yes) {
    UdpPath candidate = path(family, rtt, carries);
    UdpPath current = path(was, wasRtt, wasCarries);
    assertThat(PathSelector.better(candidate, current)).isEqualTo(yes);
    assertThat(yes && PathSelector.better(current, candidate)).as("no flapping").isFalse();
  }
}
