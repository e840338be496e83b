package dev.warren.discovery.local.io;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.io.LocalCounters.Counter;
import dev.warren.discovery.local.logic.Findings;
import dev.warren.discovery.local.logic.Link;
import dev.warren.discovery.local.logic.LocalNetwork;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import dev.warren.discovery.local.wire.LocalMessage;
import dev.warren.discovery.local.wire.MessageReader;
import dev.warren.discovery.local.wire.MessageWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that has the sockets and {@link LocalNetwork}. Methods may be called from any thread;
 * findings are told on the loop's own.
 */
public final class LocalLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalLoop.class);

  /**
   * How often interfaces are looked at. A look takes under a millisecond on a host with few
   * (measured); a change of the network that the endpoint notices is looked at at once.
   */
  private static final long SCAN_NANOS = 5_000_000_000L;

  /** Datagrams of one socket before the others have their turn. */
  private static final int READS = 64;

  private static final long CLOSE_MILLIS = 500;

  private final LocalCounters counters;
  private final Selector selector;
  private final LinkSockets sockets;
  private final LocalNetwork network;
  private final Inflow inflow;
  private final Queue<Consumer<LocalNetwork>> commands = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private final ByteBuffer buffer = ByteBuffer.allocate(MessageReader.MAX_LENGTH + 1);
  private long scanAt;
  private volatile boolean closed;

  private LocalLoop(
      NodeId self,
      Set<Generation> generations,
      boolean loopbackOnly,
      Findings findings,
      LocalCounters counters)
      throws IOException {
    this.counters = counters;
    this.selector = Selector.open();
    long now = System.nanoTime();
    this.inflow = new Inflow(now);
    this.network =
        new LocalNetwork(
            self, generations, new Random(new SecureRandom().nextLong()), output(findings), now);
    this.sockets =
        new LinkSockets(
            loopbackOnly,
            selector,
            counters,
            new LinkSockets.Watcher() {
              @Override
              public void up(Link link, LocalInterface on) {
                network.linkUp(link, System.nanoTime());
              }

              @Override
              public void down(Link link) {
                network.linkDown(link);
              }
            });
    this.thread = new Thread(this::run, "warren-mdns");
    this.thread.setDaemon(true);
  }

  /**
   * Joins the group on every interface and begins.
   *
   * @param loopbackOnly whether to stay on this host
   * @throws IOException if there is an interface, but none could be joined in either family
   */
  public static LocalLoop start(
      NodeId self,
      Set<Generation> generations,
      boolean loopbackOnly,
      Findings findings,
      LocalCounters counters)
      throws IOException {
    LocalLoop loop = new LocalLoop(self, generations, loopbackOnly, findings, counters);
    loop.sockets.scan();
    loop.scanAt = System.nanoTime() + SCAN_NANOS;
    IOException trouble = loop.sockets.trouble();
    if (trouble != null) {
      loop.selector.close();
      throw new IOException(
          "cannot join multicast DNS (UDP port 5353) on any interface: " + trouble.getMessage(),
          trouble);
    }
    loop.thread.start();
    return loop;
  }

  private LocalNetwork.Output output(Findings findings) {
    return new LocalNetwork.Output() {
      @Override
      public void send(Link link, LocalMessage message) {
        sockets.send(link, MessageWriter.write(message));
      }

      @Override
      public void found(long lookup, Announcement announcement) {
        findings.found(lookup, announcement);
      }

      @Override
      public void ended(long lookup) {
        findings.ended(lookup);
      }

      @Override
      public void discovered(Announcement announcement) {
        findings.discovered(announcement);
      }

      @Override
      public void expired(NodeId id) {
        findings.expired(id);
      }
    };
  }

  /** Runs {@code command} on the loop, soon; not at all once it is closed. */
  public void run(Consumer<LocalNetwork> command) {
    commands.add(command);
    selector.wakeup();
  }

  /** Looks at the interfaces soon. */
  public void scan() {
    run(network -> scanAt = System.nanoTime());
  }

  private void run() {
    try {
      while (!closed) {
        try {
          turn();
        } catch (RuntimeException e) {
          // Nothing here throws; if it does, one turn is lost and not the service.
          counters.add(Counter.FAILED);
          LOG.debug("local discovery", e);
        }
      }
      network.leave(System.nanoTime());
    } catch (IOException e) {
      LOG.warn("local discovery has stopped: its selector failed", e);
    } finally {
      sockets.close();
      closeSelector();
    }
  }

  private void closeSelector() {
    try {
      selector.close();
    } catch (IOException e) {
      LOG.debug("closing", e);
    }
  }

  private void turn() throws IOException {
    long now = System.nanoTime();
    if (scanAt - now <= 0) {
      sockets.scan();
      scanAt = now + SCAN_NANOS;
    }
    network.onTime(now);
    counters.set(Counter.PEERS, network.size());
    counters.set(Counter.REFUSED, network.refused());
    long next = network.deadline();
    next = scanAt - next < 0 ? scanAt : next;
    long wait = next - System.nanoTime();
    if (!commands.isEmpty() || wait <= 0) {
      selector.selectNow();
    } else {
      // Rounded up: a wait of 0 would be one without end, and waking early would spin.
      selector.select(TimeUnit.NANOSECONDS.toMillis(wait) + 1);
    }
    for (LinkSocket socket : sockets.readable()) {
      read(socket);
    }
    Consumer<LocalNetwork> command;
    while ((command = commands.poll()) != null) {
      command.accept(network);
    }
  }

  private void read(LinkSocket socket) {
    try {
      for (int i = 0; i < READS; i++) {
        buffer.clear();
        SocketAddress from = socket.receive(buffer);
        if (from == null) {
          return;
        }
        long now = System.nanoTime();
        counters.add(Counter.RECEIVED);
        if (!inflow.take(now)) {
          counters.add(Counter.FLOODED);
        } else {
          received(socket, (InetSocketAddress) from, now);
        }
      }
    } catch (IOException e) {
      // A socket of an interface that is going; the next look at the interfaces closes it.
      LOG.debug("cannot read on {}: {}", socket.on().device().getName(), e.toString());
    }
  }

  private void received(LinkSocket socket, InetSocketAddress from, long now) {
    // The hop limit of what comes in would tell too, but the JDK does not show it.
    if (from.getPort() != LinkSocket.PORT || !socket.on().isOnLink(from.getAddress())) {
      counters.add(Counter.OFF_LINK);
      return;
    }
    Optional<LocalMessage> message =
        MessageReader.read(Arrays.copyOf(buffer.array(), buffer.position()));
    if (message.isEmpty()) {
      counters.add(Counter.IGNORED);
      return;
    }
    network.received(socket.link(), message.get(), socket.on().isOwn(from.getAddress()), now);
  }

  /** Says goodbye and ends the thread; waits for it at most half a second. Idempotent. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
