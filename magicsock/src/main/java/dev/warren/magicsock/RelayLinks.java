package dev.warren.magicsock;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.relay.client.RelayClient;
import dev.warren.relay.client.RelayListener;
import dev.warren.relay.client.RelayStatus;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The relay connections of a socket: our own relays, always kept, of which the first that is
 * connected is home; and the relays of peers, opened when a peer is dialled or sent to, closed
 * after a minute without sending. Socket loop only, but for the watchers.
 */
final class RelayLinks {
  /** A peer's relay is left after this long without a datagram sent (magicsock section 9.3). */
  static final long IDLE = 60_000_000_000L;

  /** Relays of peers that may be connected at once; a peer must not make us open more. */
  static final int MAX_LINKS = 32;

  private final MagicSocket socket;
  private final MagicSocketBuilder config;
  private final WatchableValue<RelayStatus> home;
  private final Map<RelayUrl, Link> links = new LinkedHashMap<>();
  private boolean dirty;
  private boolean closed;

  private static final class Link {
    final RelayClient client;
    final boolean own;
    long lastUsed;

    Link(RelayClient client, boolean own) {
      this.client = client;
      this.own = own;
    }
  }

  RelayLinks(MagicSocket socket, MagicSocketBuilder config) {
    this.socket = socket;
    this.config = config;
    boolean any = config.relay && !config.relays.isEmpty();
    RelayStatus initial =
        any ? new RelayStatus.Connecting(config.relays.get(0)) : new RelayStatus.Disabled();
    this.home = new WatchableValue<>(initial, config.callbacks);
  }

  void start() {
    if (config.relay) {
      socket.onLoop(() -> config.relays.forEach(url -> link(url, true)));
    }
  }

  Watcher<RelayStatus> home() {
    return home;
  }

  /** The relay that others may use for us: connected, or none. Any thread. */
  Optional<RelayUrl> connectedHome() {
    return urlIfConnected(home.get());
  }

  private static Optional<RelayUrl> urlIfConnected(RelayStatus status) {
    return status instanceof RelayStatus.Connected c ? Optional.of(c.url()) : Optional.empty();
  }

  /** Where to try a peer of whom nothing is known: it may be on our relay. */
  Optional<RelayUrl> defaultRelay() {
    return connectedHome().or(() -> config.relays.stream().findFirst());
  }

  void open(RelayUrl url) {
    link(url, false);
  }

  /** The connection to a relay, begun if need be; null after the end or if there are too many. */
  private @Nullable Link link(RelayUrl url, boolean own) {
    if (closed) {
      return null;
    }
    Link link = links.get(url);
    if (link == null) {
      if (links.size() >= MAX_LINKS && !closeIdlest()) {
        return null;
      }
      Events events = new Events(url);
      RelayClient client =
          RelayClient.builder(url, socket.secretKey(), socket.loop())
              .trust(config.relayTrust)
              .token(() -> ours(url) ? config.relayToken.get() : null)
              .proxy(config.relayProxy)
              .callbacks(config.callbacks)
              .listener(events)
              .start();
      link = new Link(client, own || config.relays.contains(url));
      links.put(url, link);
      if (link.own) {
        client.status().onChange(s -> socket.onLoop(this::chooseHome));
      }
    }
    link.lastUsed = System.nanoTime();
    return link;
  }

  /** A relay of a peer's choice must not learn our token. Any thread. */
  private boolean ours(RelayUrl url) {
    return config.relays.contains(url);
  }

  private boolean closeIdlest() {
    Link idlest = null;
    for (Link link : links.values()) {
      if (!link.own && (idlest == null || link.lastUsed - idlest.lastUsed < 0)) {
        idlest = link;
      }
    }
    if (idlest == null) {
      return false;
    }
    idlest.client.close();
    socket.metrics().count(MagicSocketMetrics.Counter.RELAYS_LEFT);
    links.values().remove(idlest);
    return true;
  }

  /**
   * The first connected relay in the order of the configuration; the present one if it still is.
   */
  private void chooseHome() {
    Optional<RelayUrl> now = connectedHome();
    RelayStatus best = null;
    for (RelayUrl url : config.relays) {
      Link link = links.get(url);
      if (link == null) {
        continue;
      }
      RelayStatus status = link.client.status().get();
      boolean connected = status instanceof RelayStatus.Connected;
      boolean bestConnected = best instanceof RelayStatus.Connected;
      if (best == null || connected && (!bestConnected || now.equals(Optional.of(url)))) {
        best = status;
      }
    }
    if (best != null) {
      // First the address: who waited for the relay reads it next, and it must name that relay.
      socket.publishAddr(urlIfConnected(best));
      home.set(best);
    }
  }

  int size() {
    return links.size();
  }

  /** Whether there is a connection to it now. */
  boolean isConnected(@Nullable RelayUrl url) {
    Link link = links.get(url);
    return link != null && link.client.isConnected();
  }

  /** Takes ownership; false if it was dropped. */
  boolean send(RelayUrl url, NodeId to, ByteBuf data, int segmentSize) {
    Link link = link(url, false);
    if (link == null) {
      data.release();
      return false;
    }
    dirty = true;
    return link.client.send(to, data, segmentSize);
  }

  void flush() {
    if (dirty) {
      dirty = false;
      links.values().forEach(l -> l.client.flush());
    }
  }

  void networkChanged() {
    links.values().forEach(l -> l.client.networkChanged());
  }

  /** Leaves what is idle. Returns when the next may be; {@link UdpPath#NEVER} if none can. */
  long onTimer(long now) {
    long next = UdpPath.NEVER;
    for (Iterator<Link> it = links.values().iterator(); it.hasNext(); ) {
      Link link = it.next();
      if (link.own) {
        continue;
      }
      long due = link.lastUsed + IDLE;
      if (due - now <= 0) {
        link.client.close();
        it.remove();
      } else {
        next = UdpPath.earlier(next, due);
      }
    }
    return next;
  }

  CompletableFuture<Void> close() {
    closed = true;
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (Link link : links.values()) {
      link.client.close();
      ends.add(link.client.closed());
    }
    links.clear();
    return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
  }

  private final class Events implements RelayListener {
    private final RelayUrl url;

    Events(RelayUrl url) {
      this.url = url;
    }

    @Override
    public void onDatagrams(NodeId source, ByteBuf data, int segmentSize) {
      if (segmentSize <= 0) {
        socket.ingress().onRelayed(url, source, data);
        return;
      }
      while (data.isReadable()) {
        int n = Math.min(segmentSize, data.readableBytes());
        socket.ingress().onRelayed(url, source, data.readRetainedSlice(n));
      }
      data.release();
    }

    @Override
    public void onReadComplete() {
      socket.ingress().onReadComplete();
    }

    @Override
    public void onConnected() {
      chooseHome();
    }

    @Override
    public void onDisconnected() {
      chooseHome();
    }
  }
}
