package dev.warren.discovery.pkarr;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.logic.NewestSeen;
import dev.warren.discovery.wire.HttpResponse;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.SignedPacketException;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.discovery.wire.WorldAddresses;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds nodes by the signed packets that a pkarr relay keeps (discovery section 5.3): one request
 * for each lookup. The relay cannot change a packet; one older than what it gave before is refused.
 * A packet's time is not compared with our clock, as nobody's is: it is the age of the finding.
 */
public final class PkarrResolver implements Discovery {
  /** Of what is found. */
  public static final String NAME = "pkarr";

  private final PkarrRelay relay;
  private final WorldAddresses world;
  private final ReentrantLock lock = new ReentrantLock();
  private final NewestSeen newest = new NewestSeen();
  private final Set<CompletableFuture<?>> running = ConcurrentHashMap.newKeySet();
  private final LongAdder asked = new LongAdder();
  private final LongAdder found = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder rolledBack = new LongAdder();
  private final LongAdder skipped = new LongAdder();
  private volatile boolean closed;

  private PkarrResolver(PkarrRelay relay, WorldAddresses world) {
    this.relay = relay;
    this.world = world;
  }

  /**
   * Asks the relay at {@code base}, such as {@code https://dns.example.com/pkarr}.
   *
   * @throws IllegalArgumentException if it is no http or https URL
   */
  public static Builder builder(URI base) {
    return new Builder(base);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    if (closed) {
      sink.failed(new IOException("the pkarr resolver is closed"));
      return () -> {};
    }
    asked.increment();
    CompletableFuture<HttpResponse> answer = relay.get(id);
    running.add(answer);
    answer.whenComplete(
        (response, error) -> {
          running.remove(answer);
          if (answer.isCancelled()) {
            return;
          }
          if (error != null) {
            fail(sink, new IOException(error.getMessage(), error));
          } else {
            answered(id, response, sink);
          }
        });
    if (closed) {
      end(answer);
    }
    return () -> answer.cancel(false);
  }

  private void answered(NodeId id, HttpResponse response, ResolveSink sink) {
    if (response.status() == 404) {
      sink.done();
      return;
    }
    if (!response.isOk()) {
      fail(sink, new IOException(relay.explain(response)));
      return;
    }
    try {
      packet(SignedPacket.fromRelayPayload(id, response.body()), sink);
    } catch (SignedPacketException e) {
      rejected.increment();
      fail(sink, new IOException(relay + " gave no packet of that node: " + e.getMessage(), e));
    }
  }

  private void packet(SignedPacket packet, ResolveSink sink) {
    if (!isNewest(packet)) {
      rolledBack.increment();
      fail(sink, new IOException(relay + " gave an older packet than before"));
      return;
    }
    TxtRecords read = TxtRecords.read(packet);
    skipped.add(read.skipped());
    EndpointData data = new EndpointData(world.keep(read.addrs()), read.userData());
    if (!data.isEmpty()) {
      found.increment();
      sink.found(new DiscoveryItem(packet.nodeId(), data, NAME, time(packet)));
    }
    sink.done();
  }

  private boolean isNewest(SignedPacket packet) {
    lock.lock();
    try {
      return newest.accept(packet);
    } finally {
      lock.unlock();
    }
  }

  /** Nothing for a time that no calendar has: it is a number that somebody signed. */
  private static Optional<Instant> time(SignedPacket packet) {
    return packet.timestamp() < 0
        ? Optional.empty()
        : Optional.of(Instant.EPOCH.plus(packet.timestamp(), ChronoUnit.MICROS));
  }

  private void fail(ResolveSink sink, IOException cause) {
    failed.increment();
    sink.failed(cause);
  }

  @Override
  public Map<String, Long> metrics() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("asked", asked.sum());
    all.put("found", found.sum());
    all.put("failed", failed.sum());
    all.put("rejectedPackets", rejected.sum());
    all.put("rolledBackPackets", rolledBack.sum());
    all.put("skippedValues", skipped.sum());
    all.put("refusedAddresses", world.refused());
    return all;
  }

  @Override
  public void close() {
    closed = true;
    running.forEach(PkarrResolver::end);
    relay.close();
  }

  private static void end(CompletableFuture<?> answer) {
    answer.completeExceptionally(new IOException("the pkarr resolver is closed"));
  }

  /** Settings; hand it to an endpoint's builder. Not thread-safe. */
  public static final class Builder extends RelaySettings<Builder> implements Discovery.Factory {
    private Builder(URI base) {
      super(base);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    public PkarrResolver create(DiscoveryContext context) {
      return new PkarrResolver(
          relay(context),
          context.loopbackOnly() ? WorldAddresses.withLoopback() : WorldAddresses.reachable());
    }
  }
}
