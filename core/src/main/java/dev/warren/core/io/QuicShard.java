package dev.warren.core.io;

import dev.warren.core.wire.ConnectionIds;
import dev.warren.magicsock.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One pair of virtual QUIC channels on one event loop: a core's worth of connections.
 *
 * <p>The shard whose loop is the socket loop gets its datagrams directly. Others get one task per
 * read loop with everything that arrived in it (measured: a hand-over costs 29 % CPU per byte on
 * two busy cores, so one shard is the default there).
 *
 * <p>Threads: {@code receive} and {@code receiveComplete} on the socket loop; {@link #isLiveClient}
 * any thread; the rest on {@link #loop()}.
 */
final class QuicShard {
  /**
   * Datagrams on their way to another loop; beyond it they are dropped, as a socket buffer would.
   */
  private static final int INBOX_LIMIT = 8192;

  private final int index;
  private final EventLoop loop;
  private final boolean onSocketLoop;
  private final QuicCounters counters;
  private final QuicSide server;
  private final QuicSide client;

  // Any thread.
  private final Set<Long> liveClients = ConcurrentHashMap.newKeySet();
  private final AtomicInteger inFlight = new AtomicInteger();

  // Socket loop.
  private List<Inbound> batch = new ArrayList<>();

  // Shard loop.
  private final Set<QuicConnection> connections = new HashSet<>();
  private List<RecvHalf> unannounced = new ArrayList<>();
  private final Set<QuicConnection> earlyDials = new HashSet<>();
  private final ClosedConnections closed = new ClosedConnections();
  private boolean receiving;

  private record Inbound(boolean client, PeerAddress from, ByteBuf datagram) {}

  QuicShard(int index, EventLoop loop, EventLoop socketLoop, QuicCounters counters) {
    this.index = index;
    this.loop = loop;
    this.onSocketLoop = loop == socketLoop;
    this.counters = counters;
    this.server = new QuicSide(loop, counters);
    this.client = new QuicSide(loop, counters);
  }

  int index() {
    return index;
  }

  EventLoop loop() {
    return loop;
  }

  QuicSide server() {
    return server;
  }

  QuicSide client() {
    return client;
  }

  Set<QuicConnection> connections() {
    return connections;
  }

  /** Dials that have sent early data and do not know yet whether it was accepted. */
  Set<QuicConnection> earlyDials() {
    return earlyDials;
  }

  /** Those that said goodbye a moment ago. */
  ClosedConnections closed() {
    return closed;
  }

  boolean isLiveClient(long connectionId) {
    return liveClients.contains(connectionId);
  }

  void clientOpened(byte[] connectionId) {
    liveClients.add(ConnectionIds.key(connectionId));
  }

  void clientClosed(byte[] connectionId) {
    liveClients.remove(ConnectionIds.key(connectionId));
  }

  void receive(boolean toClient, PeerAddress from, ByteBuf datagram) {
    if (onSocketLoop) {
      hand(toClient, from, datagram);
    } else if (inFlight.get() + batch.size() >= INBOX_LIMIT) {
      counters.shardInboxFull.increment();
      datagram.release();
    } else {
      batch.add(new Inbound(toClient, from, datagram));
    }
  }

  void receiveComplete() {
    if (onSocketLoop) {
      handed();
    } else if (!batch.isEmpty()) {
      List<Inbound> arrived = batch;
      batch = new ArrayList<>(arrived.size());
      inFlight.addAndGet(arrived.size());
      try {
        loop.execute(() -> deliver(arrived));
      } catch (RuntimeException loopIsGone) {
        arrived.forEach(i -> i.datagram().release());
      }
    }
  }

  private void hand(boolean toClient, PeerAddress from, ByteBuf datagram) {
    if (!closed.isEmpty()
        && closed.answer(ConnectionIds.destination(datagram), System.nanoTime())) {
      datagram.release();
      return;
    }
    receiving = true;
    if (!toClient) {
      server.receive(from, datagram);
      return;
    }
    client.receive(from, datagram);
    if (!earlyDials.isEmpty()) {
      for (QuicConnection dial : List.copyOf(earlyDials)) {
        if (dial.settleEarlyData()) {
          earlyDials.remove(dial);
        }
      }
    }
  }

  private void deliver(List<Inbound> arrived) {
    inFlight.addAndGet(-arrived.size());
    for (Inbound i : arrived) {
      hand(i.client(), i.from(), i.datagram());
    }
    handed();
  }

  private void handed() {
    server.receiveComplete();
    client.receiveComplete();
    receiving = false;
    if (!unannounced.isEmpty()) {
      List<RecvHalf> told = unannounced;
      unannounced = new ArrayList<>();
      told.forEach(RecvHalf::announce);
    }
  }

  /** Tells of new data at the end of the read loop, or after this task if none is under way. */
  void announceLater(RecvHalf half) {
    if (unannounced.isEmpty() && !receiving) {
      loop.execute(this::handed);
    }
    unannounced.add(half);
  }
}
