package dev.warren.testlab.nat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The rules of one router, as text for {@code nft -f}. They replace those that are there.
 *
 * <p>The kernel's own translation keeps a port per flow, not per socket. Maps remember what it
 * allocated: {@code eim} and {@code adm} so that a socket keeps its port, {@code rev} and {@code
 * peers} so that strangers are let in where the kind says so. The chain {@code track} fills them
 * after source NAT, where the outside port is known.
 */
final class NatRules {
  /** Sequential ports start here; the map below has so many. */
  private static final int FIRST_PORT = 30_000;

  private static final int PORTS = 4_096;

  private final NatKind kind;
  private final String external;
  private final String inside;
  private final String timeout;

  /**
   * @param inside the interfaces behind it: {@code lan}, or {@code p-*} of a carrier's router
   */
  private NatRules(NatKind kind, String external, String inside) {
    this.kind = kind;
    this.external = external;
    this.inside = '"' + inside + '"';
    this.timeout = Math.max(1, kind.lifetime().toSeconds()) + "s";
  }

  static String of(NatKind kind, String external, String inside) {
    NatRules rules = new NatRules(kind, external, inside);
    return "table ip labnat\ndelete table ip labnat\ntable inet labfw\ndelete table inet labfw\n"
        + (kind.translates() ? rules.translation() : "")
        + rules.firewall();
  }

  private String translation() {
    return """
        table ip labnat {
          map eim { type ipv4_addr . inet_service : inet_service; flags dynamic,timeout; timeout %1$s; size 65535; }
          map adm { type ipv4_addr . inet_service . ipv4_addr : inet_service; flags dynamic,timeout; timeout %1$s; size 65535; }
          set used { type inet_service; flags dynamic,timeout; timeout %1$s; size 65535; }
          map rev { type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout %1$s; size 65535; }
          set peers { type inet_service . ipv4_addr; flags dynamic,timeout; timeout %1$s; size 65535; }
          chain pre {
            type nat hook prerouting priority dstnat; policy accept;
        %2$s  }
          chain udp_out {
        %3$s  }
          chain post {
            type nat hook postrouting priority srcnat; policy accept;
            iifname %4$s oifname %4$s ct status dnat meta l4proto udp jump udp_out
            oifname "wan" meta l4proto udp jump udp_out
            oifname "wan" %5$s
          }
          chain track {
            type filter hook postrouting priority srcnat + 10; policy accept;
        %6$s  }
        }
        """
        .formatted(timeout, letIn(), allocate(), inside, other(), track());
  }

  private String letIn() {
    String rules =
        switch (kind.filtering()) {
          case ENDPOINT_INDEPENDENT ->
              "    iifname \"wan\" ip daddr EXT meta l4proto udp dnat to udp dport map @rev\n";
          case ADDRESS_DEPENDENT ->
              "    iifname \"wan\" ip daddr EXT udp dport . ip saddr @peers dnat to udp dport map"
                  + " @rev\n";
          case ADDRESS_AND_PORT_DEPENDENT -> "";
        };
    if (kind.hairpin()) {
      rules += "    iifname IN ip daddr EXT meta l4proto udp dnat to udp dport map @rev\n";
    }
    return filled(rules);
  }

  private String allocate() {
    String random = "    meta l4proto udp snat to EXT:1024-65535 fully-random\n";
    return filled(
        switch (kind.mapping()) {
          case ENDPOINT_INDEPENDENT ->
              "    meta l4proto udp snat to EXT : ip saddr . udp sport map @eim\n"
                  + "    meta l4proto udp udp sport @used snat to EXT:1024-65535 fully-random\n"
                  + "    meta l4proto udp snat to EXT\n";
          case ENDPOINT_INDEPENDENT_RANDOM ->
              "    meta l4proto udp snat to EXT : ip saddr . udp sport map @eim\n" + random;
          case ADDRESS_DEPENDENT ->
              "    meta l4proto udp snat to EXT : ip saddr . udp sport . ip daddr map @adm\n"
                  + random;
          case ADDRESS_AND_PORT_DEPENDENT ->
              "    meta l4proto udp masquerade random,fully-random\n";
          // Numbers go through a map of literal ports: used directly they come out byte-swapped.
          case SEQUENTIAL ->
              "    meta l4proto udp snat to EXT : numgen inc mod %d map { %s }\n"
                  .formatted(
                      PORTS,
                      IntStream.range(0, PORTS)
                          .mapToObj(i -> i + " : " + (FIRST_PORT + i))
                          .collect(Collectors.joining(", ")));
        });
  }

  private String other() {
    return kind.mapping().isEndpointIndependent()
        ? "snat to " + external
        : "masquerade random,fully-random";
  }

  private String track() {
    StringBuilder rules = new StringBuilder();
    for (String way :
        kind.hairpin()
            ? new String[] {"oifname \"wan\"", "iifname IN oifname IN"}
            : new String[] {"oifname \"wan\""}) {
      for (String[] from :
          new String[][] {{"original", "ct status snat"}, {"reply", "ct status dnat"}}) {
        String match = "    " + way + " meta l4proto udp ct direction " + from[0] + " " + from[1];
        String socket = "ct %1$s ip saddr . ct %1$s proto-src".formatted(from[0]);
        rules
            .append(match + " update @eim { " + socket + " : udp sport }\n")
            .append(match + " update @adm { " + socket + " . ip daddr : udp sport }\n")
            .append(match + " update @used { udp sport }\n")
            .append(match + " update @rev { udp sport : " + socket + " }\n")
            .append(match + " update @peers { udp sport . ip daddr }\n");
      }
    }
    return filled(rules.toString());
  }

  /**
   * New packets for the router itself are dropped: accepted, one would take the port of a socket
   * that has not sent yet, and spoil its mapping.
   */
  private String firewall() {
    String blocked =
        kind.udp()
            ? ""
            : "    iifname IN meta l4proto udp drop\n"
                + "    iifname \"wan\" meta l4proto udp drop\n"
                + "    iifname IN oifname \"wan\" tcp dport != { 80, 443 } drop\n";
    return filled(
        """
        table inet labfw {
          chain input {
            type filter hook input priority filter; policy accept;
            ct state established,related accept
            iifname "wan" meta l4proto { icmp, ipv6-icmp } accept
            iifname "wan" drop
            iifname IN ip daddr EXT meta l4proto udp drop
          }
          chain forward {
            type filter hook forward priority filter; policy accept;
        %s    ct state invalid drop
            ct state established,related accept
            iifname "wan" ct status dnat accept
            iifname "wan" meta nfproto ipv4 drop
            iifname "wan" meta nfproto ipv6 icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
            iifname "wan" meta nfproto ipv6 drop
          }
        }
        """
            .formatted(blocked));
  }

  private String filled(String rules) {
    return rules.replace("EXT", external).replaceAll("\\bIN\\b", inside);
  }
}
