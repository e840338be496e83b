package dev.warren.discovery.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Namespaces;
import dev.warren.testlab.Netns;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node beside Avahi, the usual implementation of multicast DNS on Linux. */
@Timeout(120)
class AvahiTest {
  private static final String REQUIRED = "WARREN_REQUIRE_PROGRAMS";
  private static final String A = LocalPeer.key(1).nodeId().toString();
  private static final String B = LocalPeer.key(2).nodeId().toString();
  private static final String NAME = "warren-" + LocalPeer.key(1).nodeId().toShortString();

  private static Optional<String> unavailable;

  private Bridge bridge;

  @BeforeAll
  static void probe() {
    unavailable = Netns.unavailable();
  }

  @BeforeEach
  void build() {
    Namespaces.need(unavailable);
    List<String> missing =
        Stream.of("avahi-daemon", "avahi-browse", "avahi-publish", "dbus-daemon")
            .filter(program -> !exists(program))
            .toList();
    if (!missing.isEmpty()) {
      String reason = missing + " are not installed (packages avahi-daemon, avahi-utils, dbus)";
      if ("1".equals(System.getenv(REQUIRED))) {
        Assertions.fail(reason);
      }
      Assumptions.abort(reason);
    }
    bridge = new Bridge();
  }

  @AfterEach
  void tearDown() throws Exception {
    if (bridge != null) {
      bridge.close();
    }
  }

  private static boolean exists(String program) {
    return Stream.of("/usr/bin/", "/usr/sbin/")
        .anyMatch(folder -> Files.isExecutable(Path.of(folder + program)));
  }

  private Bridge.Peer avahi(Netns host, String... command) throws Exception {
    List<String> all = Stream.concat(Stream.of("sh", script()), Stream.of(command)).toList();
    Bridge.Peer avahi = bridge.program(host, all.toArray(String[]::new));
    avahi.await("avahi is up");
    return avahi;
  }

  private static String script() throws URISyntaxException {
    return Path.of(AvahiTest.class.getResource("avahi.sh").toURI()).toString();
  }

  @Test
  void avahiBrowseListsANodeAndThatItLeaves() throws Exception {
    Bridge.Peer a = bridge.node(bridge.host("192.168.7.1/24", "fd07::1/64"), "1");
    a.await("id ");
    a.tell("publish 192.168.7.1:4433 [fd07::1]:4433");
    Netns desk = bridge.host("192.168.7.2/24", "fd07::2/64");
    Bridge.Peer browse = avahi(desk, "avahi-browse", "-rp", "_warren._udp");
    String line = browse.await("=;eth0;IPv4;" + NAME + ";_warren._udp;local;");
    assertThat(line).contains(";192.168.7.1;4433;").contains("\"id=" + A + "\"");
    a.tell("close");
    browse.await("-;eth0;IPv4;" + NAME + ";_warren._udp;local");
  }

  /** Nodes of iroh 1.4 can be browsed for under their own name; so can we. */
  @Test
  void avahiBrowseListsANodeAsIrohs() throws Exception {
    Bridge.Peer a = bridge.node(bridge.host("192.168.7.1/24", "fd07::1/64"), "1", "nodnssd");
    a.await("id ");
    a.tell("publish 192.168.7.1:4433 [fd07::1]:4433");
    Netns desk = bridge.host("192.168.7.2/24", "fd07::2/64");
    Bridge.Peer browse = avahi(desk, "avahi-browse", "-p", "_irohv1._udp");
    browse.await("+;eth0;IPv4;");
    browse.await("+;eth0;IPv6;");
    a.tell("close");
    browse.await("-;eth0;IPv4;");
    browse.await("-;eth0;IPv6;");
  }

  @Test
  void aNodeSharesThePortWithAvahiOnOneHostAndBothWork() throws Exception {
    Netns host = bridge.host("192.168.7.1/24", "fd07::1/64");
    Bridge.Peer browse = avahi(host, "avahi-browse", "-p", "_warren._udp");
    Bridge.Peer a = bridge.node(host, "1");
    Bridge.Peer b = bridge.node(bridge.host("192.168.7.2/24", "fd07::2/64"), "2");
    a.await("id ");
    b.await("id ");
    a.tell("publish 192.168.7.1:4433");
    b.tell("publish 192.168.7.2:4433");
    a.tell("resolve " + B);
    a.await("found " + B);
    b.tell("resolve " + A);
    b.await("found " + A);
    browse.await(NAME);
  }

  @Test
  void aNameThatSomebodyElseHasIsLeftToThem() throws Exception {
    Netns desk = bridge.host("192.168.7.2/24");
    Bridge.Peer publish = avahi(desk, "avahi-publish", "-s", NAME, "_warren._udp", "7", "id=" + B);
    publish.await("Established");
    Bridge.Peer a = bridge.node(bridge.host("192.168.7.1/24"), "1", "browse");
    a.await("id ");
    a.tell("subscribe");
    a.tell("publish 192.168.7.1:4433");
    Bridge.Peer browse =
        avahi(bridge.host("192.168.7.3/24"), "avahi-browse", "-rp", "_warren._udp");
    String theirs = browse.await("=;eth0;IPv4;" + NAME + ";_warren._udp;local;");
    assertThat(theirs).contains(";192.168.7.2;7;");
    String ours = browse.await("=;eth0;IPv4;" + NAME + "\\032\\0402\\041;_warren._udp;local;");
    assertThat(ours).contains(";192.168.7.1;4433;").contains("\"id=" + A + "\"");
    // The node itself sees the other as the node that it says it is.
    a.await("discovered " + B + " [192.168.7.2:7]");
  }
}
