package dev.warren.discovery.dht.io;

import dev.warren.discovery.dht.logic.DhtCounters;
import dev.warren.discovery.dht.logic.DhtCounters.Event;
import dev.warren.discovery.dht.logic.DhtEngine;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcMessage;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP socket and the one thread that reads it, keeps the time, and runs the engine. The thread
 * is a daemon and ends with {@link #close}. Methods may be called from any thread; what is executed
 * runs on the socket's.
 */
public final class DhtSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DhtSocket.class);

  /** Datagrams that are read before the time is looked at again. Our choice. */
  private static final int READS = 64;

  /** How long a close waits for the thread: it never blocks longer than a callback takes. */
  private static final long CLOSE_MS = 1000;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final DatagramChannel channel;
  private final Selector selector;
  private final InetSocketAddress local;
  private final DhtCounters counters = new DhtCounters();
  private final DhtEngine engine;
  private final ConcurrentLinkedQueue<Consumer<DhtEngine>> tasks = new ConcurrentLinkedQueue<>();
  private final ByteBuffer in = ByteBuffer.allocateDirect(KrpcMessage.MAX + 1);
  private final ByteBuffer out = ByteBuffer.allocateDirect(KrpcMessage.MAX);
  private final Thread thread;
  private volatile boolean closed;

  private DhtSocket(
      DatagramChannel channel, Selector selector, @Nullable DhtId id, boolean serves, int maxItems)
      throws IOException {
    this.channel = channel;
    this.selector = selector;
    this.local = (InetSocketAddress) channel.getLocalAddress();
    boolean ipv6 = local.getAddress() instanceof Inet6Address;
    DhtId self = id == null ? DhtId.random(RANDOM) : id;
    this.engine =
        new DhtEngine(
            new DhtEngine.Settings(self, serves, ipv6, maxItems),
            this::send,
            counters,
            RANDOM,
            System.nanoTime());
    this.thread = new Thread(this::run, "warren-dht-" + local.getPort());
    thread.setDaemon(true);
  }

  /**
   * Binds a socket and starts its thread.
   *
   * @param id of the node; null: any
   * @throws IOException if the address cannot be bound
   */
  public static DhtSocket open(
      InetSocketAddress address, @Nullable DhtId id, boolean serves, int maxItems)
      throws IOException {
    boolean ipv6 = address.getAddress() instanceof Inet6Address;
    DatagramChannel channel =
        DatagramChannel.open(ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    try {
      channel.configureBlocking(false);
      channel.bind(address);
      Selector selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
      DhtSocket socket = new DhtSocket(channel, selector, id, serves, maxItems);
      socket.thread.start();
      return socket;
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          "the DHT cannot bind its UDP socket to " + address + ": " + e.getMessage(), e);
    }
  }

  public InetSocketAddress localAddress() {
    return local;
  }

  public DhtCounters counters() {
    return counters;
  }

  /** Runs {@code task} soon on the socket's thread; false if the socket is closed. */
  public boolean execute(Consumer<DhtEngine> task) {
    if (closed) {
      return false;
    }
    tasks.add(task);
    selector.wakeup();
    return true;
  }

  private void run() {
    try {
      while (!closed) {
        long due = engine.dueIn(System.nanoTime());
        if (due > 0 && tasks.isEmpty()) {
          selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(due + 999_999)));
        } else {
          selector.selectNow();
        }
        selector.selectedKeys().clear();
        guarded(this::runTasks);
        guarded(this::read);
        guarded(() -> engine.onTime(System.nanoTime()));
      }
    } catch (IOException | ClosedSelectorException e) {
      LOG.warn("the DHT's socket {} does not work any more", local, e);
    } finally {
      closed = true;
      // Whoever waits for these hears of the close from the owner.
      tasks.clear();
      closeQuietly();
    }
  }

  /** A defect of ours ends what it is in, never the thread. */
  private void guarded(Step step) throws IOException {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.warn("a step of the DHT failed; it goes on", e);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private void runTasks() {
    for (Consumer<DhtEngine> task = tasks.poll(); task != null; task = tasks.poll()) {
      task.accept(engine);
    }
  }

  private void read() throws IOException {
    for (int i = 0; i < READS; i++) {
      in.clear();
      InetSocketAddress from;
      try {
        from = (InetSocketAddress) channel.receive(in);
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        // Of one datagram that we sent, as some systems tell it: nothing to end for.
        LOG.debug("receiving on {}: {}", local, e.toString());
        return;
      }
      if (from == null) {
        return;
      }
      in.flip();
      byte[] datagram = new byte[in.remaining()];
      in.get(datagram);
      engine.onDatagram(from, datagram, System.nanoTime());
    }
  }

  private void send(InetSocketAddress to, byte[] datagram) {
    out.clear();
    out.put(datagram).flip();
    try {
      if (channel.send(out, to) > 0) {
        return;
      }
    } catch (IOException e) {
      LOG.debug("cannot send to {}: {}", to, e.toString());
    }
    counters.count(Event.SEND_FAILURES);
  }

  private void closeQuietly() {
    try {
      channel.close();
      selector.close();
    } catch (IOException e) {
      LOG.debug("closing {}", local, e);
    }
  }

  /** Closes the socket and ends the thread. Idempotent; from a callback it does not wait. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(CLOSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
