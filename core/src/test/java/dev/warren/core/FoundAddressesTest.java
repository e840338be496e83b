package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("trouble")
class FoundAddressesTest {
  private static final NodeId NODE = SecretKey.generate().nodeId();
  private static final FoundAddresses ON_A_NETWORK = own("192.0.2.77:4000", "127.0.0.1:4000");
  private static final FoundAddresses ON_LOOPBACK = own("127.0.0.1:4000");

  private static FoundAddresses own(String... addresses) {
    return new FoundAddresses(List.of(addresses).stream().map(SocketAddrs::parse).toList());
  }

  private static boolean keeps(FoundAddresses rule, String provenance, TransportAddr addr) {
    EndpointData data = new EndpointData(List.of(addr), Optional.empty());
    return !rule.of(new DiscoveryItem(NODE, data, provenance, Optional.empty())).isEmpty();
  }

  private static TransportAddr ip(String address) {
    InetSocketAddress parsed = SocketAddrs.parse(address);
    return new TransportAddr.Ip(parsed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:80",
        "127.9.9.9:80",
        "[::1]:80",
        "0.0.0.0:80",
        "0.1.2.3:80",
        "[::]:80",
        "224.0.0.251:5353",
        "239.255.255.250:1900",
        "[ff02::1]:80",
        "255.255.255.255:80",
        "240.0.0.1:80",
        "198.51.100.1:0",
        "[fe80::1]:80",
        "[::127.0.0.1]:80",
        "[::ffff:127.0.0.1]:80",
        "192.0.2.77:4000"
      })
  void noPacketGoesThereWhoeverOfTheWorldSaysSo(String address) {
    for (String provenance : new String[] {"dns", "pkarr", "dht", "mdns", "other"}) {
      assertThat(keeps(ON_A_NETWORK, provenance, ip(address))).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "198.51.100.1:80",
        "10.0.0.1:1",
        "192.0.2.77:4001",
        "[2001:db8::1]:80",
        "[fd00::1]:65535"
      })
  void theseAreTried(String address) {
    assertThat(keeps(ON_A_NETWORK, "dns", ip(address))).isTrue();
  }

  @Test
  void aLinkLocalAddressIsTriedWhereANeighbourSaysSo() {
    assertThat(keeps(ON_A_NETWORK, "mdns", ip("169.254.3.4:80"))).isTrue();
    assertThat(keeps(ON_A_NETWORK, "pkarr", ip("169.254.169.254:80"))).isFalse();
    assertThat(keeps(ON_A_NETWORK, "dns", ip("[64:ff9b::7f00:1]:80"))).isFalse();
  }

  @Test
  void whoIsOnLoopbackAloneTriesLoopbackButNotItself() {
    assertThat(keeps(ON_LOOPBACK, "dns", ip("127.0.0.1:80"))).isTrue();
    assertThat(keeps(ON_LOOPBACK, "dns", ip("127.0.0.1:4000"))).isFalse();
    assertThat(keeps(ON_LOOPBACK, "dns", ip("224.0.0.1:80"))).isFalse();
  }

  @Test
  void whatTheApplicationPutInIsItsOwnAffair() {
    assertThat(keeps(ON_A_NETWORK, "memory", ip("127.0.0.1:80"))).isTrue();
  }

  @Test
  void relaysPass() throws Exception {
    RelayUrl url = RelayUrl.parse("https://relay.example");
    assertThat(keeps(ON_A_NETWORK, "dns", new TransportAddr.Relay(url))).isTrue();
  }
}
