package dev.warren.magicsock;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.relay.client.RelayClient;
import dev.warren.relay.client.RelayListener;
import dev.warren.relay.client.RelayStatus;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The relay connections of a socket: what {@link OwnRelays} keeps, and those to relays of peers,
 * opened when a peer is dialled or sent to, closed after a minute without use. Socket loop only.
 */
final class RelayLinks {
  /**
   * A relay that is not kept is left after this long in which no datagram was sent through it and
   * none came from a peer that a connection uses (magicsock section 9.3; the second is ours: such a
   * peer may know no other relay of ours).
   */
  static final long IDLE = 60_000_000_000L;

  /** Relays of peers that may be connected at once; a peer must not make us open more. */
  static final int MAX_LINKS = 32;

  /**
   * A relay that was used within this time is not left for a datagram to yet another: with more
   * relays in use than there may be, each datagram would end one connection and dial the next. A
   * dial may take its place. Our choice.
   */
  static final long BUSY = 5_000_000_000L;

  /**
   * The shortest QUIC packet (RFC 9000 section 10.3; disco has more). A batch may be cut into
   * pieces of a byte, and 65,000 of those would cost us as much as so many datagrams.
   */
  static final int SHORTEST = 21;

  private final MagicSocket socket;
  private final MagicSocketBuilder config;
  private final Map<RelayUrl, Link> links = new LinkedHashMap<>();
  private boolean dirty;
  private boolean closed;

  private static final class Link {
    final RelayClient client;
    long lastUsed;

    Link(RelayClient client) {
      this.client = client;
    }
  }

  RelayLinks(MagicSocket socket, MagicSocketBuilder config) {
    this.socket = socket;
    this.config = config;
  }

  /** Opens a connection if there is none; false after the end or if there are too many. */
  boolean open(RelayUrl url) {
    return link(url, true) != null;
  }

  /** Opens a connection, or tries again now if there is one that waits; true if it is connected. */
  boolean keep(RelayUrl url) {
    boolean known = links.containsKey(url);
    Link link = link(url, true);
    if (known && link != null) {
      link.client.retryNow();
    }
    return link != null && link.client.isConnected();
  }

  /** The connection to a relay, begun if need be; null after the end or if there are too many. */
  private @Nullable Link link(RelayUrl url, boolean dial) {
    if (closed) {
      return null;
    }
    Link link = links.get(url);
    if (link == null) {
      if (links.size() >= MAX_LINKS && !closeIdlest(dial)) {
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
      link = new Link(client);
      events.link = link;
      links.put(url, link);
    }
    link.lastUsed = System.nanoTime();
    return link;
  }

  /** A relay of a peer's choice must not learn our token. Any thread. */
  private boolean ours(RelayUrl url) {
    return socket.ownRelays().urls().contains(url);
  }

  private boolean closeIdlest(boolean thoughBusy) {
    Map.Entry<RelayUrl, Link> idlest = null;
    for (Map.Entry<RelayUrl, Link> entry : links.entrySet()) {
      if (!socket.ownRelays().keeps(entry.getKey())
          && (idlest == null || entry.getValue().lastUsed - idlest.getValue().lastUsed < 0)) {
        idlest = entry;
      }
    }
    if (idlest == null || !thoughBusy && System.nanoTime() - idlest.getValue().lastUsed < BUSY) {
      return false;
    }
    idlest.getValue().client.close();
    socket.metrics().count(MagicSocketMetrics.Counter.RELAYS_LEFT);
    links.remove(idlest.getKey());
    return true;
  }

  /**
   * A relay is not kept any more: peers that are there may go on using it while it is connected.
   */
  void release(RelayUrl url) {
    Link link = links.get(url);
    if (link != null) {
      // A minute from now, so that those who just dial the old home still find us.
      link.lastUsed = System.nanoTime();
      if (link.client.isConnected()) {
        socket.timers().wakeAt(link.lastUsed + IDLE);
      } else {
        links.remove(url);
        link.client.close();
      }
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

  Optional<RelayStatus> status(RelayUrl url) {
    return Optional.ofNullable(links.get(url)).map(l -> l.client.status().get());
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

  /** These are the addresses of the host now: a connection from any other is dead. */
  void addressesAre(Set<InetAddress> own) {
    links.values().forEach(l -> l.client.addressesAre(own));
  }

  /** Leaves what is idle. Returns when the next may be; {@link UdpPath#NEVER} if none can. */
  long onTimer(long now) {
    long next = UdpPath.NEVER;
    for (Iterator<Map.Entry<RelayUrl, Link>> it = links.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<RelayUrl, Link> entry = it.next();
      if (socket.ownRelays().keeps(entry.getKey())) {
        continue;
      }
      long due = entry.getValue().lastUsed + IDLE;
      if (due - now <= 0) {
        entry.getValue().client.close();
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
    private @Nullable Link link;

    Events(RelayUrl url) {
      this.url = url;
    }

    /** Whether this is the connection in use: one that was left may still have words to say. */
    private boolean current() {
      return link != null && links.get(url) == link;
    }

    @Override
    public void onDatagrams(NodeId source, ByteBuf data, int segmentSize) {
      boolean used = false;
      if ((segmentSize <= 0 ? data.readableBytes() : segmentSize) < SHORTEST) {
        data.release();
        socket.metrics().count(MagicSocketMetrics.Counter.RECV_TOO_SHORT);
        return;
      }
      if (segmentSize <= 0) {
        used = socket.ingress().onRelayed(url, source, data);
      } else {
        while (data.isReadable()) {
          int n = Math.min(segmentSize, data.readableBytes());
          used |= socket.ingress().onRelayed(url, source, data.readRetainedSlice(n));
        }
        data.release();
      }
      if (used && link != null) {
        link.lastUsed = System.nanoTime();
      }
    }

    @Override
    public void onReadComplete() {
      socket.ingress().onReadComplete();
    }

    @Override
    public void onPeerGone(NodeId id) {
      if (current()) {
        socket.relayLeftBy(url, id);
      }
    }

    @Override
    public void onConnected() {
      if (current()) {
        socket.ownRelays().onConnected(url);
      }
    }

    @Override
    public void onStatus(RelayStatus now) {
      if (current()) {
        socket.ownRelays().onStatus(url);
      }
    }

    @Override
    public void onDisconnected() {
      if (current()) {
        socket.ownRelays().onLost(url);
        socket.relayLost(url);
      }
    }
  }
}
