package dev.warren.serving.config;

import dev.warren.base.SocketAddrs;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** The TCP addresses that a configuration asks for: two services cannot have the same one. */
public final class Ports {
  private final ConfigReader reader;
  private final Map<InetSocketAddress, ConfigKey> taken = new LinkedHashMap<>();

  /**
   * @param reader is told of the collisions
   */
  public Ports(ConfigReader reader) {
    this.reader = reader;
  }

  /** Takes an address, by the key that names it or would name it. */
  public void take(InetSocketAddress address, ConfigKey key) {
    for (Map.Entry<InetSocketAddress, ConfigKey> other : taken.entrySet()) {
      if (collide(address, other.getKey())) {
        ConfigKey first = other.getValue();
        reader.problem(
            reader.has(key) ? reader.line(key) : reader.line(first),
            key.path()
                + " and "
                + first.path()
                + (address.equals(other.getKey())
                    ? " are both " + SocketAddrs.toString(address)
                    : " overlap, "
                        + SocketAddrs.toString(address)
                        + " and "
                        + SocketAddrs.toString(other.getKey()))
                + ": give one another port");
        return;
      }
    }
    taken.put(address, key);
  }

  private static boolean collide(InetSocketAddress a, InetSocketAddress b) {
    return a.getPort() == b.getPort()
        && a.getPort() != 0
        && (a.equals(b)
            || holds(a.getAddress(), b.getAddress())
            || holds(b.getAddress(), a.getAddress()));
  }

  /** 0.0.0.0 is all IPv4 addresses, :: those and all of IPv6. */
  private static boolean holds(InetAddress all, InetAddress one) {
    return all.isAnyLocalAddress() && (all instanceof Inet6Address || one instanceof Inet4Address);
  }
}
