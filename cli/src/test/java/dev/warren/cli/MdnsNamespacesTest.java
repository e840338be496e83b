package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Namespaces;
import dev.warren.testlab.Netns;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two hosts that a bridge joins, and nothing else: no server, no way out. */
@Timeout(240)
class MdnsNamespacesTest {
  private Netns bridge;
  private Netns left;
  private Netns right;
  private Infrastructure there;
  private Infrastructure here;

  @BeforeAll
  static void needsNamespaces() {
    Namespaces.need(Netns.unavailable());
  }

  @BeforeEach
  void hosts() {
    bridge = new Netns("bridge");
    bridge.ip("link", "add", "name", "br0", "type", "bridge");
    bridge.ip("link", "set", "dev", "br0", "up");
    left = host("left", "192.0.2.1/24");
    right = host("right", "192.0.2.2/24");
    there = new Infrastructure(List.of("ip", "netns", "exec", left.toString()));
    here = new Infrastructure(List.of("ip", "netns", "exec", right.toString()));
  }

  private Netns host(String name, String address) {
    Netns host = new Netns(name);
    host.ip(
        "link", "add", "name", "eth0", "type", "veth", "peer", "name", name, "netns", "" + bridge);
    bridge.ip("link", "set", "dev", name, "master", "br0");
    bridge.ip("link", "set", "dev", name, "up");
    host.ip("addr", "add", address, "dev", "eth0");
    host.ip("link", "set", "dev", "eth0", "up");
    return host;
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
    left.close();
    right.close();
    bridge.close();
  }

  @Test
  void aNodeIsFoundByItsIdAloneAndItsNeighbourHearsOfItToo() throws Exception {
    WarrenProcess listener = there.warren("listen", "--mdns", "--bind", "0.0.0.0:0");
    String id = Infrastructure.id(listener);

    WarrenProcess dialler =
        here.warren("connect", id, "--mdns", "--bind", "0.0.0.0:0", "--timeout", "30");

    dialler.assertExit(0);
    Map<String, Object> connected = dialler.await("connected");
    assertThat(connected.get("foundBy")).isEqualTo(List.of("mdns"));
    Map<?, ?> path = (Map<?, ?>) connected.get("path");
    assertThat(path.get("type")).isEqualTo("direct");
    assertThat((String) path.get("addr")).startsWith("192.0.2.1:");
    assertThat(listener.await("discovered")).containsEntry("provenance", "mdns");
  }

  @Test
  void whereNobodyIsTheErrorSaysThatTheLocalNetworkDoesNotKnowIt() throws Exception {
    WarrenProcess listener = there.warren("listen", "--bind", "0.0.0.0:0");
    String id = Infrastructure.id(listener);

    WarrenProcess dialler =
        here.warren("connect", id, "--mdns", "--bind", "0.0.0.0:0", "--timeout", "3");

    dialler.assertExit(1);
    assertThat(dialler.await("error")).containsEntry("kind", "no_address");
    assertThat((String) dialler.await("error").get("message")).contains("mdns: ");
  }
}
