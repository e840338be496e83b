package dev.warren.dns.server.store.queue;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import dev.warren.dns.server.store.Upsert;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that writes what many ask for. While it waits for the disk or the database, requests
 * gather, and all of them share the next wait: so no delay is needed to make groups.
 */
public final class WriteQueue implements AutoCloseable {
  /** Most requests that wait: 16,384, with the largest packets 20 MB; five seconds at 3,000/s. */
  public static final int CAPACITY = 16_384;

  /** Most packets of one group. */
  public static final int GROUP = 512;

  /** {@link PacketWriter#tend} is called at least this often. */
  static final int PAUSE_MILLIS = 250;

  private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
  private static final long CLOSE_MILLIS = 30_000;

  private sealed interface Request {}

  private record Write(Put put) implements Request {}

  private record Evict(long before, int most, CompletableFuture<Integer> done) implements Request {}

  private final BlockingQueue<Request> requests = new ArrayBlockingQueue<>(CAPACITY);
  private final PacketWriter writer;
  private final StoreCounters counters;
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean ended;

  /** Starts the thread. */
  public WriteQueue(PacketWriter writer, StoreCounters counters) {
    this.writer = writer;
    this.counters = counters;
    this.thread = new Thread(this::run, "warren-dns-store-writer");
    thread.setDaemon(true);
    thread.start();
  }

  /** Queues a packet. */
  public CompletionStage<Upsert> put(SignedPacket packet) {
    Put put = Put.of(packet);
    enqueue(new Write(put), put.done());
    return put.done();
  }

  /** Queues a step of eviction. */
  public CompletionStage<Integer> evict(long before, int most) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    enqueue(new Evict(before, most, done), done);
    return done;
  }

  private void enqueue(Request request, CompletableFuture<?> done) {
    if (closing) {
      done.completeExceptionally(closed());
    } else if (!requests.offer(request)) {
      counters.countOverloaded();
      done.completeExceptionally(
          new StoreException(
              Reason.OVERLOADED,
              CAPACITY + " writes are waiting for the packet store already; try again later"));
    } else if (ended) {
      // It came just when the thread had looked for the last time.
      failAll(drain(CAPACITY), closed());
    }
  }

  private static StoreException closed() {
    return new StoreException(Reason.CLOSED, "the packet store is closed");
  }

  private void run() {
    try {
      while (!closing || !requests.isEmpty()) {
        List<Request> group = next();
        serve(group);
        writer.tend();
      }
    } catch (InterruptedException e) {
      LOG.warn("the packet store's writer was interrupted and ends");
    } finally {
      closing = true;
      ended = true;
      failAll(drain(CAPACITY), closed());
      writer.close();
    }
  }

  private List<Request> next() throws InterruptedException {
    Request first = requests.poll(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    List<Request> group = new ArrayList<>();
    if (first != null) {
      group.add(first);
      requests.drainTo(group, GROUP - 1);
    }
    return group;
  }

  private List<Request> drain(int most) {
    List<Request> all = new ArrayList<>();
    requests.drainTo(all, most);
    return all;
  }

  private void serve(List<Request> group) {
    try {
      List<Put> puts = new ArrayList<>(group.size());
      for (Request request : group) {
        if (request instanceof Write write) {
          puts.add(write.put());
        } else if (request instanceof Evict evict) {
          // What was asked for before it happens before it.
          flush(puts);
          evict.done().complete(writer.evict(evict.before(), evict.most()));
        }
      }
      flush(puts);
    } catch (StoreException e) {
      failAll(group, e);
    } catch (RuntimeException | Error e) {
      LOG.error("the packet store failed in a way that it does not know", e);
      failAll(group, new StoreException(Reason.UNAVAILABLE, "the packet store failed: " + e, e));
    }
  }

  private void flush(List<Put> puts) throws StoreException {
    if (!puts.isEmpty()) {
      writer.write(List.copyOf(puts));
      puts.clear();
    }
  }

  private void failAll(List<Request> group, StoreException why) {
    int failed = 0;
    for (Request request : group) {
      if (done(request).completeExceptionally(why)) {
        failed++;
      }
    }
    if (why.reason() != Reason.CLOSED) {
      counters.countFailed(failed);
    }
  }

  private static CompletableFuture<?> done(Request request) {
    return request instanceof Write write ? write.put().done() : ((Evict) request).done();
  }

  /** Serves what is queued, for at most 30 s, then closes the writer. */
  @Override
  public void close() {
    closing = true;
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      LOG.warn("the packet store did not finish its writes within {} ms", CLOSE_MILLIS);
    }
  }
}
