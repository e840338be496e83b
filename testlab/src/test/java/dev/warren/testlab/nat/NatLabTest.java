package dev.warren.testlab.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.testlab.Namespaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The laboratory's routers are what they claim to be. */
@Timeout(120)
class NatLabTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String ONE = "203.0.113.20";
  private static final String TWO = "203.0.113.21";

  private static Optional<String> unavailable;

  @BeforeAll
  static void probe() {
    unavailable = NatLab.unavailable();
  }

  @BeforeEach
  void need() {
    Namespaces.need(unavailable);
  }

  private static NatLab.Server reflector(NatLab lab) {
    NatLab.Server server = lab.server("stun", 20);
    server.alias(21);
    server.host().java(Reflector.class, ONE, TWO).await("ready", LIMIT);
    return server;
  }

  private static LabProcess classify(LabHost host, int port) {
    return host.java(NatClassifier.class, ONE, TWO, "" + port);
  }

  @Test
  void everyKindOfRouterIsWhatItClaims() {
    Map<NatKind, String> claims = new LinkedHashMap<>();
    claims.put(NatKind.FIREWALL, "mapping EIM filtering APDF kept true hairpin ");
    claims.put(NatKind.FULL_CONE, "mapping EIM filtering EIF kept true hairpin false");
    claims.put(NatKind.RESTRICTED_CONE, "mapping EIM filtering ADF kept true hairpin false");
    claims.put(NatKind.PORT_RESTRICTED, "mapping EIM filtering APDF kept true hairpin false");
    claims.put(
        NatKind.PORT_RESTRICTED.withHairpin(), "mapping EIM filtering APDF kept true hairpin true");
    claims.put(NatKind.SYMMETRIC, "mapping APDM filtering APDF kept false hairpin false");
    claims.put(
        NatKind.SYMMETRIC_SEQUENTIAL, "mapping APDM filtering APDF kept false hairpin false");
    claims.put(NatKind.ADDRESS_SYMMETRIC, "mapping ADM filtering APDF kept false hairpin false");
    claims.put(NatKind.UDP_BLOCKED, "udp blocked");
    try (NatLab lab = new NatLab()) {
      reflector(lab);
      Map<NatKind, LabProcess> running = new LinkedHashMap<>();
      claims
          .keySet()
          .forEach(
              kind ->
                  running.put(
                      kind,
                      classify(
                          lab.router("r" + running.size(), kind).host("h" + running.size()),
                          7000)));
      running.forEach(
          (kind, process) -> {
            String result = process.await("result", LIMIT);
            assertTrue(result.startsWith(claims.get(kind)), kind + ": " + result);
          });
    }
  }

  @Test
  void aCarriersCustomersHaveTwoRoutersBeforeThem() {
    try (NatLab lab = new NatLab()) {
      reflector(lab);
      Router plain = lab.carrier("cgn", NatKind.CARRIER);
      Router hard = lab.carrier("cgs", NatKind.SYMMETRIC);
      LabProcess a = classify(plain.customer("ra", NatKind.PORT_RESTRICTED).host("a"), 7000);
      LabProcess b = classify(hard.customer("rb", NatKind.PORT_RESTRICTED).host("b"), 7000);
      String first = a.await("result", LIMIT);
      assertTrue(first.startsWith("mapping EIM filtering APDF kept false"), first);
      String second = b.await("result", LIMIT);
      assertTrue(second.startsWith("mapping APDM filtering APDF"), second);
    }
  }

  @Test
  void twoHostsOfOnePortHaveTwoStablePortsOutside() {
    try (NatLab lab = new NatLab()) {
      reflector(lab);
      Router home = lab.router("home", NatKind.PORT_RESTRICTED);
      LabProcess a = classify(home.host("a"), 7000);
      String first = a.await("result", LIMIT);
      String second = classify(home.host("b"), 7000).await("result", LIMIT);
      assertTrue(first.startsWith("mapping EIM") && second.startsWith("mapping EIM"), second);
      assertFalse(
          first
              .substring(first.indexOf("outside"))
              .equals(second.substring(second.indexOf("outside"))));
    }
  }

  @Test
  void aLinkDelaysAndLosesAsItIsTold() {
    try (NatLab lab = new NatLab()) {
      NatLab.Server server = reflector(lab);
      Router home = lab.router("home", NatKind.PORT_RESTRICTED);
      home.uplink().quality(Quality.delay(10));
      server.link().quality(Quality.delay(30));
      LabHost host = home.host("a");
      String told = host.java(Pings.class, ONE, "40").await("result", LIMIT);
      double median = Double.parseDouble(told.split(" ")[0]);
      assertTrue(median >= 80 && median < 95, "round trip of 80 ms: " + told);
      home.uplink().quality(Quality.delay(0).withLoss(1, 1));
      assertEquals("none", host.java(Pings.class, ONE, "2").await("result", LIMIT));
    }
  }

  @Test
  void aRebootAndANewAddressShowOutside() {
    try (NatLab lab = new NatLab()) {
      reflector(lab);
      Router home = lab.router("home", NatKind.SYMMETRIC);
      LabHost host = home.host("a");
      assertTrue(classify(host, 7000).await("result", LIMIT).contains(home.externalAddress()));
      home.renumber(99);
      assertTrue(classify(host, 7000).await("result", LIMIT).contains("198.51.100.99"));
      home.become(NatKind.FULL_CONE);
      assertTrue(
          classify(host, 7000).await("result", LIMIT).startsWith("mapping EIM filtering EIF"));
      home.uplink().blockUdp(true);
      assertEquals("udp blocked", classify(host, 7000).await("result", LIMIT));
      home.uplink().blockUdp(false);
      assertTrue(classify(host, 7000).await("result", LIMIT).startsWith("mapping"));
    }
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    Path names = Path.of("/run/netns");
    String mine = "warren-" + ProcessHandle.current().pid() + "-";
    try (NatLab lab = NatLab.dualStack()) {
      LabHost host = lab.router("home", NatKind.PORT_RESTRICTED).host("a");
      LabProcess endless = host.java(Reflector.class, host.address());
      endless.await("ready", LIMIT);
      lab.close();
      assertFalse(endless.process().isAlive());
    }
    try (var left = Files.list(names)) {
      assertEquals(0, left.filter(p -> p.getFileName().toString().startsWith(mine)).count());
    }
  }
}
