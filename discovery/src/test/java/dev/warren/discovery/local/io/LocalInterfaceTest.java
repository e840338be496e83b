package dev.warren.discovery.local.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The loopback interface, 127.0.0.1/8, as every host has it. */
class LocalInterfaceTest {
  private LocalInterface loopback;

  @BeforeEach
  void find() throws Exception {
    List<LocalInterface> all = LocalInterface.all(true);
    assertThat(all).singleElement();
    loopback = all.get(0);
  }

  @Test
  void aNeighbourHasAnAddressOfTheSubnet() throws Exception {
    assertThat(loopback.isOnLink(InetAddress.getByName("127.0.0.1"))).isTrue();
    assertThat(loopback.isOnLink(InetAddress.getByName("127.255.3.4"))).isTrue();
    assertThat(loopback.isOnLink(InetAddress.getByName("128.0.0.1"))).isFalse();
    assertThat(loopback.isOnLink(InetAddress.getByName("126.255.255.255"))).isFalse();
    assertThat(loopback.isOnLink(InetAddress.getByName("2001:db8::1"))).isFalse();
  }

  @Test
  void onlyItsOwnAddressIsThisHosts() throws Exception {
    assertThat(loopback.isOwn(InetAddress.getByName("127.0.0.1"))).isTrue();
    assertThat(loopback.isOwn(InetAddress.getByName("127.0.0.2"))).isFalse();
    assertThat(loopback.isLoopback()).isTrue();
  }
}
