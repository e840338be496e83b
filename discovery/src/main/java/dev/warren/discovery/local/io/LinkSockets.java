package dev.warren.discovery.local.io;

import dev.warren.discovery.local.io.LocalCounters.Counter;
import dev.warren.discovery.local.logic.Link;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of all interfaces; follows interfaces that come and go. Trouble with one does not
 * touch the others. Owned by one thread.
 */
final class LinkSockets implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkSockets.class);

  /** Hears which links there are. */
  interface Watcher {
    void up(Link link, LocalInterface on);

    void down(Link link);
  }

  private final boolean loopbackOnly;
  private final Selector selector;
  private final LocalCounters counters;
  private final Watcher watcher;
  private final Map<Link, LinkSocket> sockets = new LinkedHashMap<>();

  /** Links that could not be opened: said once. */
  private final Set<Link> refused = new HashSet<>();

  private @Nullable IOException trouble;

  LinkSockets(boolean loopbackOnly, Selector selector, LocalCounters counters, Watcher watcher) {
    this.loopbackOnly = loopbackOnly;
    this.selector = selector;
    this.counters = counters;
    this.watcher = watcher;
  }

  /** Looks at the interfaces: opens what is new, closes what is gone. */
  void scan() {
    List<LocalInterface> interfaces;
    try {
      interfaces = LocalInterface.all(loopbackOnly);
    } catch (IOException e) {
      trouble = e;
      LOG.debug("cannot list the interfaces", e);
      return;
    }
    Map<Link, LocalInterface> wanted = new LinkedHashMap<>();
    for (LocalInterface on : interfaces) {
      if (on.has(Inet4Address.class)) {
        wanted.put(new Link(on.device().getIndex(), Link.Family.IPV4), on);
      }
      // No group of IPv6 has a route on loopback.
      if (on.has(Inet6Address.class) && !on.isLoopback()) {
        wanted.put(new Link(on.device().getIndex(), Link.Family.IPV6), on);
      }
    }
    for (Link link : List.copyOf(sockets.keySet())) {
      if (!wanted.containsKey(link)) {
        sockets.remove(link).close();
        watcher.down(link);
      }
    }
    refused.retainAll(wanted.keySet());
    wanted.forEach(this::keep);
    counters.set(Counter.LINKS, sockets.size());
  }

  private void keep(Link link, LocalInterface on) {
    LinkSocket socket = sockets.get(link);
    if (socket != null && socket.update(on)) {
      return;
    }
    if (socket != null) {
      sockets.remove(link).close();
    }
    try {
      LinkSocket opened = LinkSocket.open(on, link.family());
      opened.channel().register(selector, SelectionKey.OP_READ, opened);
      sockets.put(link, opened);
      refused.remove(link);
      watcher.up(link, on);
    } catch (IOException e) {
      trouble = e;
      counters.add(Counter.JOIN_FAILED);
      if (refused.add(link)) {
        LOG.debug("cannot join multicast DNS on {}: {}", on.device().getName(), e.toString());
      }
      if (socket != null) {
        watcher.down(link);
      }
    }
  }

  /** Why there is no socket at all, if there is none although there are interfaces. */
  @Nullable IOException trouble() {
    return sockets.isEmpty() ? trouble : null;
  }

  void send(Link link, byte[] bytes) {
    LinkSocket socket = sockets.get(link);
    if (socket == null) {
      return;
    }
    try {
      counters.add(socket.send(bytes) ? Counter.SENT : Counter.SEND_FAILED);
    } catch (IOException | RuntimeException e) {
      // The interface is going, or has no route; the next look at the interfaces will tell.
      counters.add(Counter.SEND_FAILED);
      LOG.debug("cannot send on {}: {}", socket.on().device().getName(), e.toString());
    }
  }

  List<LinkSocket> readable() {
    List<LinkSocket> readable = new ArrayList<>();
    for (SelectionKey key : selector.selectedKeys()) {
      readable.add((LinkSocket) key.attachment());
    }
    selector.selectedKeys().clear();
    return readable;
  }

  @Override
  public void close() {
    sockets.values().forEach(LinkSocket::close);
    sockets.clear();
    counters.set(Counter.LINKS, 0);
  }
}
