package dev.warren.discovery.wire;

import dev.warren.base.TransportAddr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Judges addresses that a stranger published, before anybody sends a packet there. Whoever holds a
 * key may publish what he likes under it, so each would otherwise be a way to make others send
 * packets: to this machine's own services, to all of a network, to nobody. Used by every service
 * that asks the world: DNS, pkarr, the DHT. Any thread.
 */
public final class WorldAddresses {
  /** Why an address is not used. */
  public enum Refusal {
    /** This machine, whatever it is. */
    LOOPBACK,
    /** {@code 0.0.0.0/8} or {@code ::}. */
    UNSPECIFIED,
    /** {@code 169.254.0.0/16} or {@code fe80::/10}: means something on one link only. */
    LINK_LOCAL,
    MULTICAST,
    /** {@code 240.0.0.0/4} with the broadcast address. */
    BROADCAST,
    PORT_ZERO
  }

  /** {@code 64:ff9b::/96}: a translator turns it into the v4 address at its end. */
  private static final byte[] TRANSLATED = {
    0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0
  };

  private final boolean loopback;

  private final LongAdder refused = new LongAdder();

  private WorldAddresses(boolean loopback) {
    this.loopback = loopback;
  }

  /** The rule for an endpoint that others can reach: no loopback address is used. */
  public static WorldAddresses reachable() {
    return new WorldAddresses(false);
  }

  /**
   * The rule for an endpoint that is bound to loopback addresses only, as in tests and beside
   * {@code --dev} servers: they are the only ones that it can use, so they are kept too.
   */
  public static WorldAddresses withLoopback() {
    return new WorldAddresses(true);
  }

  /**
   * Those of {@code addrs} that may be used, in the same order; the others are counted. Relays and
   * custom addresses pass: {@code RelayUrl} has refused what no relay has, and dialling a relay is
   * no datagram to a stranger.
   */
  public List<TransportAddr> keep(List<TransportAddr> addrs) {
    List<TransportAddr> kept = new ArrayList<>(addrs.size());
    for (TransportAddr addr : addrs) {
      if (addr instanceof TransportAddr.Ip ip && !isUsable(ip.address())) {
        refused.increment();
      } else {
        kept.add(addr);
      }
    }
    return kept;
  }

  /** Addresses that were refused since this object was made. */
  public long refused() {
    return refused.sum();
  }

  private boolean isUsable(InetSocketAddress address) {
    Refusal refusal = refusal(address);
    return refusal == null || refusal == Refusal.LOOPBACK && loopback;
  }

  /** Why {@code address} is not used, or null. Loopback is named whatever the rule. */
  public static @Nullable Refusal refusal(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null || ip.isAnyLocalAddress() || isFirstOctet(ip, 0)) {
      return Refusal.UNSPECIFIED;
    }
    if (address.getPort() == 0) {
      return Refusal.PORT_ZERO;
    }
    if (ip.isLoopbackAddress()) {
      return Refusal.LOOPBACK;
    }
    if (ip.isMulticastAddress()) {
      return Refusal.MULTICAST;
    }
    if (ip.isLinkLocalAddress()) {
      return Refusal.LINK_LOCAL;
    }
    return ip instanceof Inet4Address && (ip.getAddress()[0] & 0xf0) == 0xf0
        ? Refusal.BROADCAST
        : embedded(ip, address.getPort());
  }

  /** What a v6 address with a v4 address inside would reach (RFC 4291 2.5.5, 6052, 3056). */
  private static @Nullable Refusal embedded(InetAddress ip, int port) {
    byte[] bytes = ip.getAddress();
    int at = bytes.length == 4 ? -1 : embeddedAt(bytes);
    if (at < 0) {
      return null;
    }
    try {
      byte[] v4 = Arrays.copyOfRange(bytes, at, at + 4);
      return refusal(new InetSocketAddress(InetAddress.getByAddress(v4), port));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static int embeddedAt(byte[] v6) {
    if (isCompatible(v6) || isTranslated(v6)) {
      return 12;
    }
    return v6[0] == 0x20 && v6[1] == 0x02 ? 2 : -1; // 2002::/16 of 6to4
  }

  private static boolean isCompatible(byte[] v6) {
    return Arrays.equals(v6, 0, 12, new byte[12], 0, 12);
  }

  private static boolean isTranslated(byte[] v6) {
    return Arrays.equals(v6, 0, 12, TRANSLATED, 0, 12);
  }

  private static boolean isFirstOctet(InetAddress ip, int octet) {
    return ip instanceof Inet4Address && ip.getAddress()[0] == octet;
  }
}
