package dev.warren.dns.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.dht.DhtNode;
import dev.warren.dns.server.Ask;
import dev.warren.dns.server.Vectors;
import dev.warren.testlab.Await;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

class RunningDnsTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

  @TempDir Path dir;

  private DnsConfig config(String more) throws Exception {
    return DnsConfig.parse(
        "x",
        "data_dir = '"
            + dir
            + "'\n[http]\nport = 0\nbind_addr = '127.0.0.1'\n[dns]\nport = 0\n"
            + "bind_addr = '127.0.0.1'\norigins = ['.']\ndefault_soa = 'a b 1 2 3 4 5'\n"
            + more,
        Map.of());
  }

  /** Scenario S6 of dns-server section 12.1. */
  @Test
  @Timeout(60)
  void aKeyThatOnlyTheDhtHasIsFound() throws Exception {
    SecretKey key = SecretKey.generate();
    String name = "a." + key.nodeId().toZ32() + ".";
    try (DhtNode first = DhtNode.builder().bind(ANY).start();
        DhtNode second =
            DhtNode.builder().bind(ANY).bootstrap(List.of(first.localAddress())).start()) {
      Await.until(
          "the nodes know each other",
          Duration.ofSeconds(20),
          () -> second.nodes().join() > 0 && first.nodes().join() > 0);
      second
          .put(Vectors.packet(key, 1, List.of(Vectors.txt(name, "dht"))))
          .get(20, TimeUnit.SECONDS);
      String mainline =
          "[mainline]\nenabled = true\nbootstrap = ['"
              + SocketAddrs.toString(first.localAddress())
              + "']\n[metrics]\ndisabled = true\n";
      try (RunningDns dns = RunningDns.start(config(mainline))) {
        Await.until(
            "the key is found",
            Duration.ofSeconds(20),
            () -> {
              try {
                return Ask.data(new Ask(dns.server()).udp(name, Type.TXT)).equals(List.of("dht"));
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
        assertThat(dns.server().metrics()).containsEntry("cache_zones_dht", 1L);
      }
    }
  }

  @Test
  void aSecondServerOnOneFolderSaysWhoHasIt() throws Exception {
    DnsConfig config = config("[metrics]\ndisabled = true\n");
    try (RunningDns first = RunningDns.start(config)) {
      assertThatThrownBy(() -> RunningDns.start(config))
          .hasMessageContaining(dir.resolve("packets").toString());
      assertThat(new Ask(first.server()).udp("x.", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }
  }

  @Test
  void whatCannotBeBoundLeavesNothingBehind() throws Exception {
    DnsConfig config = config("[metrics]\ndisabled = true\n");
    try (RunningDns first = RunningDns.start(config)) {
      int taken = first.server().httpAddress().orElseThrow().getPort();
      Path other = Files.createDirectory(dir.resolve("other"));
      DnsConfig same =
          DnsConfig.parse(
              "x",
              "data_dir = '"
                  + other
                  + "'\n[http]\nport = "
                  + taken
                  + "\nbind_addr = '127.0.0.1'\n[metrics]\ndisabled = true\n[dns]\nport = 0\n"
                  + "bind_addr = '127.0.0.1'\norigins = ['.']\ndefault_soa = 'a b 1 2 3 4 5'\n",
              Map.of());
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> RunningDns.start(same))
            .as("the folder is free again")
            .isInstanceOf(EndpointBindException.class)
            .hasMessageContaining(String.valueOf(taken));
      }
    }
  }

  @Test
  void reloadingTakesOverTheOrigins() throws Exception {
    try (RunningDns dns = RunningDns.start(config("[metrics]\ndisabled = true\n"))) {
      dns.reload(config("rr_a = '192.0.2.9'\n"));
      assertThat(Ask.data(new Ask(dns.server()).udp(".", Type.A))).containsExactly("192.0.2.9");
    }
  }
}
