package dev.warren.testlab.nat;

import dev.warren.testlab.Netns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A small internet: servers and routers at one core, hosts behind the routers. No interface of it
 * is outside namespaces of its own, so nothing leaves it.
 *
 * <pre>
 *   servers 203.0.113.n, 2001:db8:1::n
 *            |
 *   ------ core ------          routed; no translation, no filter
 *   |        |       |
 *   router   router  carrier    198.51.100.n
 *   |  |     |       |    |
 *   hosts    host    router     192.168.n.10 and up, 100.64.n.n
 * </pre>
 *
 * <p>Each link to the core or a carrier is a cable of its own, so that each direction has one
 * receiving end, where {@link Link#quality} is applied. Not thread-safe. Close it: that ends every
 * process that was started in it and removes everything.
 */
public final class NatLab implements AutoCloseable {
  /** Customers' addresses begin with .11; .1 is the core's. */
  private static final int FIRST_ROUTER = 11;

  /**
   * Bridged packets must not run through the rules of IP (a new namespace starts with that), ICMP
   * must not be rate-limited (or results depend on timing), addresses of IPv6 must be there at
   * once.
   */
  private static final String SYSCTLS =
      """
      cd /proc/sys/net
      for f in ipv4/conf/all/rp_filter ipv4/conf/default/rp_filter ipv4/conf/all/send_redirects \
        ipv4/conf/default/send_redirects ipv4/icmp_ratelimit ipv6/icmp/ratelimit ipv6/conf/all/accept_ra \
        ipv6/conf/default/accept_ra ipv6/conf/all/accept_dad ipv6/conf/default/accept_dad \
        bridge/bridge-nf-call-iptables bridge/bridge-nf-call-ip6tables; do
        if [ -e $f ]; then echo 0 > $f; fi
      done
      echo 1 > ipv6/conf/default/keep_addr_on_down
      cd /
      """;

  static final String FORWARDING =
      """
      echo 1 > /proc/sys/net/ipv4/ip_forward
      echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
      """;

  private final List<Netns> namespaces = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private final boolean ipv6;
  private final Netns core;
  private final LabHelper helper;
  private int routers;

  /** IPv4 only: with both, peers meet over IPv6 and no NAT is tried. */
  public NatLab() {
    this(false);
  }

  public static NatLab dualStack() {
    return new NatLab(true);
  }

  private NatLab(boolean ipv6) {
    this.ipv6 = ipv6;
    LabHelper started = null;
    try {
      started = LabHelper.start();
      core = namespace("core");
      core.script(sysctls() + FORWARDING);
      helper = started;
    } catch (RuntimeException | IOException e) {
      close(started);
      throw e instanceof RuntimeException r ? r : new IllegalStateException(e);
    }
  }

  /** Why there can be no laboratory here; empty if there can. */
  public static Optional<String> unavailable() {
    Optional<String> none = Netns.unavailable();
    if (none.isPresent()) {
      return none;
    }
    try (NatLab lab = new NatLab()) {
      lab.router("probe", NatKind.FULL_CONE.withHairpin()).uplink().quality(Quality.delay(1));
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(
          "no NAT laboratory (it needs nftables, iptables-nft, ethtool, python3, and them in the"
              + " kernel): "
              + e.getMessage());
    }
  }

  /** A host with a public address that nothing is in front of: 203.0.113.{@code number}. */
  public Server server(String name, int number) {
    Netns host = namespace(name);
    String address = "203.0.113." + number;
    Link link = cable(core, "203.0.113.", host, "eth0", address, "2001:db8:1::" + number);
    return new Server(new LabHost(this, name, host, "eth0", address), link);
  }

  /** A server and its cable. */
  public record Server(LabHost host, Link link) {
    /** Gives it another address: 203.0.113.{@code number}. */
    public Server alias(int number) {
      String address = "203.0.113." + number;
      host.script("ip addr add %s/32 dev eth0".formatted(address));
      link.upper().script("ip route add %s/32 dev %s".formatted(address, link.upperDevice()));
      return this;
    }
  }

  /** A router whose outside address is the next of 198.51.100.11 and up, with a LAN behind it. */
  public Router router(String name, NatKind kind) {
    return attach(core, "203.0.113.", name, kind, false);
  }

  /** A router whose customers are routers themselves: {@link Router#customer}. */
  public Router carrier(String name, NatKind kind) {
    return attach(core, "203.0.113.", name, kind, true);
  }

  Router attach(Netns parent, String prefix, String name, NatKind kind, boolean carrier) {
    int number = FIRST_ROUTER + routers++;
    String external = (parent == core ? "198.51.100." : prefix) + number;
    Netns ns = namespace(name);
    Link uplink = cable(parent, prefix, ns, "wan", external, "2001:db8:2::" + number);
    return new Router(this, name, ns, uplink, number, external, kind, carrier);
  }

  /**
   * Joins two namespaces point to point. The parent has the same address, {@code prefix}1, on each
   * of its ports; the child a /32 and a default route.
   */
  private Link cable(
      Netns parent, String prefix, Netns child, String device, String v4, String v6) {
    String port = "p-" + namespaces.size();
    String gateway = prefix + "1";
    parent.ip(
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
        child.toString());
    parent.script(
        """
        %5$s
        ip addr add %2$s/32 dev %1$s
        ip link set dev %1$s up
        ip route add %3$s/32 dev %1$s
        %4$s
        """
            .formatted(
                port,
                gateway,
                v4,
                ipv6
                    ? "ip addr add fe80::1/64 dev %1$s nodad%nip -6 route add %2$s/128 via fe80::2 dev %1$s"
                        .formatted(port, v6)
                    : "",
                noOffload(port)));
    child.script(
        sysctls()
            + """
            %5$s
            ip addr add %2$s/32 dev %1$s
            ip link set dev %1$s up
            ip route add %3$s/32 dev %1$s
            ip route add default via %3$s dev %1$s
            %4$s
            """
                .formatted(
                    device,
                    v4,
                    gateway,
                    ipv6
                        ? "ip addr add %2$s/128 dev %1$s nodad%nip addr add fe80::2/64 dev %1$s nodad%nip -6 route add default via fe80::1 dev %1$s"
                            .formatted(device, v6)
                        : "",
                    noOffload(device)));
    return new Link(helper, parent, port, child, device);
  }

  /** One packet must be one packet: else a loss is forty, and the MTU means nothing. */
  static String noOffload(String device) {
    return "ethtool -K %s tso off gso off gro off tx-udp-segmentation off > /dev/null"
        .formatted(device);
  }

  String sysctls() {
    return ipv6
        ? SYSCTLS
        : SYSCTLS
            + "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6\n"
            + "for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $f; done\n";
  }

  boolean hasIpv6() {
    return ipv6;
  }

  LabHelper helper() {
    return helper;
  }

  Netns namespace(String label) {
    Netns made = new Netns(label);
    namespaces.add(made);
    return made;
  }

  Process running(Process process) {
    processes.add(process);
    return process;
  }

  /** Idempotent. */
  @Override
  public void close() {
    close(helper);
  }

  private void close(@Nullable LabHelper started) {
    processes.forEach(NatLab::end);
    processes.clear();
    if (started != null) {
      started.close();
    }
    RuntimeException failure = null;
    for (Netns namespace : namespaces) {
      try {
        namespace.close();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    namespaces.clear();
    if (failure != null) {
      throw failure;
    }
  }

  private static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
