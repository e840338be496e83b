package dev.warren.testlab.nat;

import dev.warren.testlab.Netns;

/** A router with one outside address, and what is behind it. */
public final class Router {
  /** The first host of a LAN is .10. */
  private static final int FIRST_HOST = 10;

  private final NatLab lab;
  private final String name;
  private final Netns ns;
  private final Link uplink;
  private final int number;
  private final boolean carrier;
  private final String prefix;
  private String external;
  private NatKind kind;
  private int hosts;

  /**
   * @param number of the router in its laboratory: the third number of its LAN
   * @param carrier whether routers are behind it, each on a cable of its own, instead of a LAN
   */
  Router(
      NatLab lab,
      String name,
      Netns ns,
      Link uplink,
      int number,
      String external,
      NatKind kind,
      boolean carrier) {
    this.lab = lab;
    this.name = name;
    this.ns = ns;
    this.uplink = uplink;
    this.number = number;
    this.external = external;
    this.kind = kind;
    this.carrier = carrier;
    this.prefix = (carrier ? "100.64." : kind.translates() ? "192.168." : "198.18.") + number + ".";
    ns.script(NatLab.FORWARDING);
    if (!carrier) {
      makeLan();
    }
    load();
  }

  private void makeLan() {
    ns.script(
        """
        ip link add lan type bridge forward_delay 0 stp_state 0
        ip addr add %1$s1/24 dev lan
        ip link set dev lan up
        """
            .formatted(prefix));
    String routes = "";
    if (!kind.translates()) {
      routes +=
          "ip route replace %s0/24 via %s dev %s%n"
              .formatted(prefix, external, uplink.upperDevice());
    }
    if (lab.hasIpv6()) {
      ns.script("ip addr add %s1/64 dev lan nodad%n".formatted(prefix6()));
      routes +=
          "ip -6 route replace %s/64 via fe80::2 dev %s%n"
              .formatted(prefix6(), uplink.upperDevice());
    }
    uplink.upper().script(routes);
  }

  private String prefix6() {
    return "2001:db8:1%02d::".formatted(number);
  }

  private void load() {
    ns.script(
        """
        echo %1$d > /proc/sys/net/netfilter/nf_conntrack_udp_timeout
        echo %1$d > /proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream
        nft -f - <<'RULES'
        %2$sRULES
        """
            .formatted(
                Math.max(1, kind.lifetime().toSeconds()),
                NatRules.of(kind, external, carrier ? "p-*" : "lan").replace("\n", "\n")));
  }

  /** The next host of its LAN. */
  public LabHost host(String label) {
    if (carrier) {
      throw new IllegalStateException("routers are behind " + name + ", no hosts");
    }
    int at = FIRST_HOST + hosts++;
    Netns host = lab.namespace(label);
    String port = "h" + at;
    ns.ip(
        "link",
        "add",
        "name",
        port,
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        host.toString());
    ns.script(
        """
        %1$s
        ip link set dev %2$s master lan
        ip link set dev %2$s up
        """
            .formatted(NatLab.noOffload(port), port));
    LabHost made = new LabHost(lab, label, host, "eth0", prefix + at);
    host.script(
        lab.sysctls()
            + """
            %4$s
            ip addr add %1$s/24 dev eth0
            ip link set dev eth0 up
            ip route add default via %2$s1 dev eth0
            %3$s
            """
                .formatted(
                    made.address(),
                    prefix,
                    lab.hasIpv6()
                        ? "ip addr add %1$s%2$d/64 dev eth0 nodad%nip -6 route add default via %1$s1 dev eth0"
                            .formatted(prefix6(), at)
                        : "",
                    NatLab.noOffload("eth0")));
    return made;
  }

  /**
   * A second way out for a host of another router: down until {@link LabHost#moveTo}. The host has
   * at most one way at a time, as a phone.
   */
  public LabHost.Uplink uplinkFor(LabHost host) {
    int at = FIRST_HOST + hosts++;
    String device = "eth" + number;
    String port = "h" + at;
    ns.ip(
        "link",
        "add",
        "name",
        port,
        "type",
        "veth",
        "peer",
        "name",
        device,
        "netns",
        host.namespace().toString());
    ns.script(
        """
        %1$s
        ip link set dev %2$s master lan
        ip link set dev %2$s up
        """
            .formatted(NatLab.noOffload(port), port));
    host.script(NatLab.noOffload(device));
    return new LabHost.Uplink(device, prefix + at + "/24", prefix + "1");
  }

  /** A home router that is a customer of this carrier. */
  public Router customer(String label, NatKind other) {
    if (!carrier) {
      throw new IllegalStateException(name + " is no carrier: hosts are behind it");
    }
    return lab.attach(ns, prefix, label, other, false);
  }

  /** Forgets every mapping, as a reboot does. */
  public void reboot() {
    load();
    lab.helper().flush(ns);
  }

  /** Is another kind of router from now on; nothing of the old one's mappings is left. */
  public void become(NatKind other) {
    if (other.translates() != kind.translates()) {
      throw new IllegalArgumentException("its LAN has addresses for " + kind);
    }
    kind = other;
    reboot();
  }

  /** Gets another outside address, 198.51.100.{@code last}, as after a night's reconnection. */
  public void renumber(int last) {
    String old = external;
    external = "198.51.100." + last;
    ns.script(
        """
        ip addr del %1$s/32 dev wan
        ip addr add %2$s/32 dev wan
        ip route replace 203.0.113.1/32 dev wan
        ip route replace default via 203.0.113.1 dev wan
        """
            .formatted(old, external));
    uplink
        .upper()
        .script(
            "ip route del %1$s/32 dev %3$s%nip route add %2$s/32 dev %3$s%n"
                .formatted(old, external, uplink.upperDevice()));
    reboot();
  }

  public Link uplink() {
    return uplink;
  }

  public String externalAddress() {
    return external;
  }

  public NatKind kind() {
    return kind;
  }

  @Override
  public String toString() {
    return name + " (" + kind + ")";
  }
}
