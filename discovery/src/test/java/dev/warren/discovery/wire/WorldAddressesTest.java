package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("trouble")
class WorldAddressesTest {
  private static List<TransportAddr> ips(String... texts) {
    return Stream.of(texts)
        .<TransportAddr>map(t -> new TransportAddr.Ip(SocketAddrs.parse(t)))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:1, LOOPBACK",
    "127.255.0.9:1, LOOPBACK",
    "[::1]:1, LOOPBACK",
    "[::ffff:127.0.0.1]:1, LOOPBACK",
    "[::127.0.0.1]:1, LOOPBACK",
    "[64:ff9b::7f00:1]:1, LOOPBACK",
    "[2002:7f00:1::1]:1, LOOPBACK",
    "[2002:efff:1:2:3:4:5:6]:1, MULTICAST",
    "0.0.0.0:1, UNSPECIFIED",
    "0.1.2.3:1, UNSPECIFIED",
    "[::]:1, UNSPECIFIED",
    "[::ffff:0.0.0.0]:1, UNSPECIFIED",
    "169.254.1.1:1, LINK_LOCAL",
    "[fe80::1]:1, LINK_LOCAL",
    "224.0.0.251:5353, MULTICAST",
    "239.1.2.3:1, MULTICAST",
    "[ff02::fb]:5353, MULTICAST",
    "[64:ff9b::e000:1]:1, MULTICAST",
    "255.255.255.255:1, BROADCAST",
    "240.0.0.1:1, BROADCAST",
    "192.0.2.1:0, PORT_ZERO",
    "[2001:db8::1]:0, PORT_ZERO",
    "127.0.0.1:0, PORT_ZERO"
  })
  void whatNoStrangerMaySendUsToIsRefusedAndCounted(String text, WorldAddresses.Refusal refusal) {
    assertThat(WorldAddresses.refusal(SocketAddrs.parse(text))).isEqualTo(refusal);
    WorldAddresses world = WorldAddresses.reachable();
    assertThat(world.keep(ips(text, "192.0.2.7:7", text))).isEqualTo(ips("192.0.2.7:7"));
    assertThat(world.refused()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.0.2.1:1",
        "10.0.0.1:65535",
        "192.168.1.255:4",
        "[fd00::1]:1",
        "[2001:db8::1]:1",
        "[64:ff9b::c000:201]:1",
        "[2002:c000:201::1]:1",
        "223.255.255.255:1"
      })
  void whatANodeMayHaveIsKept(String text) {
    WorldAddresses world = WorldAddresses.reachable();
    assertThat(world.keep(ips(text))).isEqualTo(ips(text));
    assertThat(world.refused()).isZero();
  }

  @Test
  void anEndpointOnLoopbackKeepsLoopbackAndNothingElseOfWhatIsRefused() {
    WorldAddresses world = WorldAddresses.withLoopback();
    assertThat(world.keep(ips("127.0.0.1:1", "[::1]:1", "127.0.0.1:0", "224.0.0.1:1")))
        .isEqualTo(ips("127.0.0.1:1", "[::1]:1"));
    assertThat(world.refused()).isEqualTo(2);
  }

  @Test
  void relaysAndCustomAddressesPass() throws Exception {
    List<TransportAddr> addrs =
        List.of(
            new TransportAddr.Relay(RelayUrl.parse("http://127.0.0.1:3340/")),
            TransportAddr.Custom.parse("1_ff"));
    assertThat(WorldAddresses.reachable().keep(addrs)).isEqualTo(addrs);
  }
}
