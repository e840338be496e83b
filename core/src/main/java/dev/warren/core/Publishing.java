package dev.warren.core;

import dev.warren.base.NodeAddr;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.base.Watcher;
import dev.warren.discovery.ConcurrentLookup;
import dev.warren.discovery.EndpointData;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes known where we are: at the start and whenever our addresses, our home relay or the user
 * data change. Changes that come quickly are published as one. Any thread.
 */
final class Publishing {
  /** What others can reach comes first: a service may not have room for all. */
  private static final Comparator<InetSocketAddress> BY_WORTH =
      Comparator.<InetSocketAddress>comparingInt(a -> rank(a.getAddress()))
          .thenComparing(SocketAddrs.ORDER);

  private final ConcurrentLookup services;
  private final Watcher<NodeAddr> addr;
  private final Subscription changes;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Optional<String> userData;

  Publishing(ConcurrentLookup services, Watcher<NodeAddr> addr, Optional<String> userData) {
    this.services = services;
    this.addr = addr;
    this.userData = userData;
    this.changes = addr.onChange(changed -> publish());
    publish();
  }

  /** Replaces what the application wants known. */
  void userData(Optional<String> text) {
    userData = text;
    publish();
  }

  private void publish() {
    // So that of two changes at the same time the older is not published last.
    lock.lock();
    try {
      services.publish(data(addr.get(), userData));
    } finally {
      lock.unlock();
    }
  }

  /** The relay, which always works, then direct addresses: public, private, loopback. */
  static EndpointData data(NodeAddr addr, Optional<String> userData) {
    List<TransportAddr> all = new ArrayList<>();
    addr.relay().ifPresent(url -> all.add(new TransportAddr.Relay(url)));
    addr.direct().stream().sorted(BY_WORTH).forEach(a -> all.add(new TransportAddr.Ip(a)));
    return new EndpointData(all, userData);
  }

  private static int rank(InetAddress ip) {
    byte[] bytes = ip.getAddress();
    if (ip.isLoopbackAddress()) {
      return 3;
    }
    if (ip.isLinkLocalAddress()) {
      return 2;
    }
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    return ip.isSiteLocalAddress() || uniqueLocal ? 1 : 0;
  }

  void stop() {
    changes.close();
  }
}
