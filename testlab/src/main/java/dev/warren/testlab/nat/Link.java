package dev.warren.testlab.nat;

import dev.warren.testlab.Netns;
import java.util.concurrent.atomic.AtomicInteger;

/** A cable between a router or server and what it is attached to. */
public final class Link {
  /** Queue numbers need be unique in a namespace only, but are unique in the process. */
  private static final AtomicInteger QUEUES = new AtomicInteger();

  private final LabHelper helper;
  private final Netns upper;
  private final String upperDevice;
  private final Netns lower;
  private final String lowerDevice;
  private int upQueue = -1;
  private int downQueue = -1;

  Link(LabHelper helper, Netns upper, String upperDevice, Netns lower, String lowerDevice) {
    this.helper = helper;
    this.upper = upper;
    this.upperDevice = upperDevice;
    this.lower = lower;
    this.lowerDevice = lowerDevice;
  }

  /** Both directions; may be changed while packets flow. */
  public Link quality(Quality quality) {
    if (upQueue < 0) {
      upQueue = queue(upper, upperDevice);
      downQueue = queue(lower, lowerDevice);
    }
    helper.set(upper, upQueue, quality);
    helper.set(lower, downQueue, quality);
    return this;
  }

  private static int queue(Netns at, String device) {
    int number = QUEUES.incrementAndGet();
    at.script(
        """
        for t in iptables-nft ip6tables-nft; do
          $t -w -t raw -A PREROUTING -i %s -j NFQUEUE --queue-num %d --queue-bypass
        done
        """
            .formatted(device, number));
    return number;
  }

  /** The largest packet, of both directions; routers say so by ICMP. */
  public Link mtu(int bytes) {
    upper.mtu(upperDevice, bytes);
    lower.mtu(lowerDevice, bytes);
    return this;
  }

  /** Pulls the far end: the near one keeps addresses and routes, and its packets vanish. */
  public Link pulled(boolean out) {
    upper.ip("link", "set", "dev", upperDevice, out ? "down" : "up");
    return this;
  }

  Netns upper() {
    return upper;
  }

  String upperDevice() {
    return upperDevice;
  }

  /** Lets no UDP through, silently; TCP passes. */
  public Link blockUdp(boolean blocked) {
    hole("udp", "meta l4proto udp drop", blocked);
    return this;
  }

  /** Swallows what routers say of packets that are too large. */
  public Link silenceIcmp(boolean silent) {
    hole(
        "icmp",
        "icmp type destination-unreachable icmp code frag-needed drop\n iifname DEV icmpv6 type"
            + " packet-too-big drop",
        silent);
    return this;
  }

  private void hole(String name, String rule, boolean closed) {
    hole(upper, upperDevice, name, rule, closed);
    hole(lower, lowerDevice, name, rule, closed);
  }

  private static void hole(Netns at, String device, String name, String rule, boolean closed) {
    String table = "inet hole-" + name + "-" + device;
    String rules = "table " + table + "\ndelete table " + table + "\n";
    if (closed) {
      rules +=
          "table %s {\nchain pre {\ntype filter hook prerouting priority -450\niifname \"%s\" %s\n}\n}\n"
              .formatted(table, device, rule.replace("DEV", '"' + device + '"'));
    }
    at.script("nft -f - <<'RULES'\n" + rules + "RULES\n");
  }
}
