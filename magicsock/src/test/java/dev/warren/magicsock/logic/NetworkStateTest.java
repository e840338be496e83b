package dev.warren.magicsock.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.magicsock.logic.NetworkState.Change;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NetworkStateTest {
  private static NetworkState state(String gateway, String... addresses) {
    Set<InetAddress> all =
        Arrays.stream(addresses)
            .map(a -> new InetSocketAddress(a, 0).getAddress())
            .collect(Collectors.toSet());
    return new NetworkState(all, gateway.isEmpty() ? Set.of() : Set.of(gateway));
  }

  @Test
  void whatLooksTheSameIsNoChange() {
    assertThat(state("g", "192.168.1.2").since(state("g", "192.168.1.2"))).isEqualTo(Change.NONE);
  }

  @Test
  void anotherAddressBesideThoseInUseIsMore() {
    assertThat(state("g", "192.168.1.2", "10.0.0.1").since(state("g", "192.168.1.2")))
        .isEqualTo(Change.MORE);
  }

  @Test
  void aLostAddressIsAMove() {
    assertThat(state("g", "10.0.0.1").since(state("g", "192.168.1.2", "10.0.0.1")))
        .isEqualTo(Change.MOVED);
  }

  @Test
  void anotherDefaultRouteIsAMove() {
    assertThat(state("h", "192.168.1.2").since(state("g", "192.168.1.2"))).isEqualTo(Change.MOVED);
    assertThat(state("", "192.168.1.2").since(state("g", "192.168.1.2"))).isEqualTo(Change.MOVED);
  }

  @Test
  void theFirstNetworkAfterNoneIsAMove() {
    assertThat(state("g", "192.168.1.2").since(NetworkState.NOTHING)).isEqualTo(Change.MOVED);
  }
}
