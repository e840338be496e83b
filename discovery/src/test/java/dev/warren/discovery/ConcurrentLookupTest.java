package dev.warren.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.DiscoveryCounters.Counter;
import dev.warren.discovery.LookupOutcome.State;
import dev.warren.testlab.Await;
import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Good and bad services side by side; the clock moves by hand and calls are made at once. */
@Tag("trouble")
class ConcurrentLookupTest {
  private static final NodeId NODE = SecretKey.generate().nodeId();
  private static final Duration SOON = Duration.ofSeconds(10);

  private final ManualClock clock = new ManualClock();
  private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
  private final ConcurrentLookup all =
      new ConcurrentLookup(Runnable::run, timers, AddrFilter.everything(), clock::nanoTime);
  private final Recorder sink = new Recorder();

  ConcurrentLookupTest() {
    timers.setRemoveOnCancelPolicy(true);
  }

  @AfterEach
  void stop() {
    all.close();
    timers.shutdownNow();
  }

  private FakeService add(String name) {
    return add(new FakeService(name));
  }

  private FakeService add(FakeService service) {
    all.add(service);
    return service;
  }

  private long count(Counter counter) {
    return all.counters().get(counter);
  }

  // ---- answers ----

  @Test
  void allAreAskedAtOnceAndEachAnswerIsPassedOnAsItComes() {
    FakeService one = add("one");
    FakeService two = add("two");
    all.resolve(NODE, sink);
    two.sink().found(two.item(NODE, "192.0.2.2:2"));
    assertThat(sink.items).hasSize(1);
    two.sink().done();
    assertThat(sink.ends).as("one may still find something").isEmpty();
    one.sink().found(one.item(NODE, "192.0.2.1:1"));
    one.sink().done();
    assertThat(sink.items).extracting(DiscoveryItem::provenance).containsExactly("two", "one");
    assertThat(sink.ends).containsExactly("done");
  }

  @Test
  void oneThatFailsDoesNotFailTheLookup() {
    FakeService bad = add("bad");
    FakeService good = add("good");
    Lookup lookup = all.resolve(NODE, sink);
    bad.sink().failed(new IllegalStateException("server on fire"));
    good.sink().found(good.item(NODE, "192.0.2.1:1"));
    good.sink().done();
    assertThat(sink.ends).containsExactly("done");
    assertThat(lookup.describe()).contains("bad: server on fire").contains("good: found 1 address");
  }

  @Test
  void theFailureNamesEachServiceWithItsCause() {
    FakeService bad = add("bad");
    FakeService empty = add("empty");
    IllegalStateException cause = new IllegalStateException("server on fire");
    all.resolve(NODE, sink);
    clock.advance(Duration.ofMillis(40));
    bad.sink().failed(cause);
    empty.sink().done();
    assertThat(sink.ends).containsExactly("failed");
    assertThat(sink.failure)
        .isInstanceOfSatisfying(
            LookupException.class,
            e -> {
              assertThat(e.outcomes())
                  .extracting(LookupOutcome::state)
                  .containsExactly(State.FAILED, State.DONE);
              assertThat(e.id()).isEqualTo(NODE);
            })
        .hasMessageContaining("bad: server on fire after 40 ms")
        .hasMessageContaining("empty: knows nothing of it in 40 ms")
        .hasSuppressedException(cause);
  }

  @Test
  void withoutServicesItFailsAtOnce() {
    all.resolve(NODE, sink);
    assertThat(sink.failure).hasMessage("no discovery service is configured");
  }

  @Test
  void servicesThatOnlyPublishAreNotAsked() {
    FakeService asked = add("asked");
    all.add(
        new Discovery() {
          @Override
          public String name() {
            return "publisher";
          }

          @Override
          public boolean resolves() {
            return false;
          }

          @Override
          public void close() {}
        });
    Lookup lookup = all.resolve(NODE, sink);
    assertThat(lookup.outcomes()).extracting(LookupOutcome::service).containsExactly("asked");
    assertThat(asked.asked).hasSize(1);
  }

  @Test
  void whatAServiceRepeatsIsPassedOnOnce() {
    FakeService one = add("one");
    FakeService two = add("two");
    all.resolve(NODE, sink);
    for (int i = 0; i < 3; i++) {
      one.sink().found(one.item(NODE, "192.0.2.1:1"));
    }
    two.sink().found(two.item(NODE, "192.0.2.1:1"));
    assertThat(sink.items).as("who says so matters").hasSize(2);
    assertThat(count(Counter.FINDINGS_REPEATED)).isEqualTo(2);
    one.sink().found(one.item(NODE, "192.0.2.1:1", "192.0.2.1:2"));
    assertThat(sink.items).hasSize(3);
  }

  // ---- bad services ----

  @Test
  void oneThatThrowsHasFailedAndTheOthersGoOn() {
    FakeService broken = add(FakeService.throwing("broken"));
    FakeService good = add("good");
    all.publish(FakeService.at("192.0.2.9:9"));
    all.networkChanged();
    Lookup lookup = all.resolve(NODE, sink);
    assertThat(good.published).hasSize(1);
    assertThat(broken.published).hasSize(1);
    good.sink().found(good.item(NODE, "192.0.2.1:1"));
    good.sink().done();
    assertThat(sink.ends).containsExactly("done");
    assertThat(lookup.describe()).contains("broken is broken");
    assertThatCode(all::close).doesNotThrowAnyException();
    assertThat(good.closed).isEqualTo(1);
    assertThat(count(Counter.SERVICE_ERRORS)).isEqualTo(4);
  }

  @Test
  void oneThatNeverEndsIsGivenUpAfterTheLimit() {
    FakeService endless = add("endless");
    FakeService good = add("good");
    Lookup lookup = all.resolve(NODE, sink);
    good.sink().done();
    lookup.onTimer(clock.advance(Lookup.LIMIT.minusNanos(1)));
    assertThat(sink.ends).isEmpty();
    lookup.onTimer(clock.advance(Duration.ofNanos(1)));
    assertThat(sink.failure).hasMessageContaining("endless: no answer within 30000 ms");
    assertThat(endless.stopped).isEqualTo(1);
    endless.sink().found(endless.item(NODE, "192.0.2.1:1"));
    endless.sink().failed(new IllegalStateException("late"));
    assertThat(sink.items).isEmpty();
    assertThat(sink.ends).hasSize(1);
    assertThat(count(Counter.FINDINGS_LATE)).isEqualTo(1);
  }

  @Test
  void afterItsEndAServiceSaysNothingMore() {
    FakeService one = add("one");
    add("two");
    all.resolve(NODE, sink);
    one.sink().done();
    one.sink().done();
    one.sink().failed(new IllegalStateException("changed my mind"));
    one.sink().found(one.item(NODE, "192.0.2.1:1"));
    assertThat(sink.items).isEmpty();
    assertThat(sink.ends).as("two has not ended").isEmpty();
  }

  @Test
  void aFloodOfAMillionFindingsIsCutOff() {
    FakeService flood = add("flood");
    all.resolve(NODE, sink);
    for (int i = 0; i < 1_000_000; i++) {
      flood.sink().found(flood.item(NODE, "192.0.2.1:" + (1 + i % 60_000)));
    }
    assertThat(sink.items).hasSize(Lookup.MAX_ITEMS);
    assertThat(count(Counter.FINDINGS_TOO_MANY)).isEqualTo(1_000_000 - Lookup.MAX_ITEMS);
  }

  @Test
  void oneFindingOfAThousandAddressesIsCutShort() {
    FakeService flood = add("flood");
    all.resolve(NODE, sink);
    String[] many = new String[1000];
    for (int i = 0; i < many.length; i++) {
      many[i] = "192.0.2.1:" + (i + 1);
    }
    flood.sink().found(flood.item(NODE, many));
    assertThat(sink.items.get(0).data().addrs()).hasSize(Lookup.MAX_ADDRESSES);
  }

  @Test
  void whatIsOfAnotherNodeOrNullIsDropped() {
    FakeService bad = add("bad");
    all.resolve(NODE, sink);
    bad.sink().found(null);
    bad.sink().found(new DiscoveryItem(NODE, null, null, null));
    bad.sink().found(bad.item(SecretKey.generate().nodeId(), "192.0.2.1:1"));
    bad.sink().failed(null);
    assertThat(sink.items).isEmpty();
    assertThat(sink.ends).containsExactly("failed");
    assertThat(count(Counter.FINDINGS_WRONG)).isEqualTo(3);
  }

  @Test
  void aFindingWithoutProvenanceGetsTheServicesName() {
    FakeService nameless = add("nameless");
    all.resolve(NODE, sink);
    nameless.sink().found(new DiscoveryItem(NODE, FakeService.at("192.0.2.1:1"), null, null));
    assertThat(sink.items).extracting(DiscoveryItem::provenance).containsExactly("nameless");
  }

  @Test
  void aSinkThatThrowsHarmsNobody() {
    FakeService one = add("one");
    Lookup lookup =
        all.resolve(
            NODE,
            new ResolveSink() {
              @Override
              public void found(DiscoveryItem item) {
                throw new IllegalStateException("sink");
              }

              @Override
              public void done() {
                throw new IllegalStateException("sink");
              }

              @Override
              public void failed(Throwable cause) {}
            });
    assertThatCode(
            () -> {
              one.sink().found(one.item(NODE, "192.0.2.1:1"));
              one.sink().done();
            })
        .doesNotThrowAnyException();
    assertThat(lookup.isOver()).isTrue();
  }

  // ---- ends and new beginnings ----

  @Test
  void aCancelledLookupStopsItsServicesAndSaysNothing() {
    FakeService one = add("one");
    Lookup lookup = all.resolve(NODE, sink);
    lookup.close();
    lookup.close();
    one.sink().found(one.item(NODE, "192.0.2.1:1"));
    one.sink().done();
    assertThat(one.stopped).isEqualTo(1);
    assertThat(sink.items).isEmpty();
    assertThat(sink.ends).isEmpty();
    assertThat(timers.getQueue()).isEmpty();
  }

  @Test
  void whoJoinsLateHasThoseAskedAgainThatHaveLongEnded() {
    FakeService fast = add("fast");
    FakeService slow = add("slow");
    Lookup lookup = all.resolve(NODE, sink);
    fast.sink().done();
    assertThat(lookup.again()).isTrue();
    assertThat(fast.asked).as("it has just answered").hasSize(1);
    clock.advance(Lookup.AGAIN_AFTER.plusMillis(1));
    assertThat(lookup.again()).isTrue();
    assertThat(fast.asked).hasSize(2);
    assertThat(slow.asked).as("it is still looking").hasSize(1);
    slow.sink().done();
    fast.sink().found(fast.item(NODE, "192.0.2.1:1"));
    fast.sink().done();
    assertThat(sink.ends).containsExactly("done");
    assertThat(lookup.again()).isFalse();
  }

  @Test
  void closingEndsLookupsAndClosesEachServiceOnce() {
    FakeService one = add("one");
    all.resolve(NODE, sink);
    all.close();
    all.close();
    assertThat(one.closed).isEqualTo(1);
    assertThat(one.stopped).isEqualTo(1);
    assertThat(sink.ends).isEmpty();
    FakeService late = add("late");
    assertThat(late.closed).as("who comes too late is closed at once").isEqualTo(1);
    all.publish(FakeService.at("192.0.2.1:1"));
    assertThat(late.published).isEmpty();
  }

  // ---- publishing ----

  @Test
  void aServiceThatIsAddedLaterIsToldAtOnce() {
    all.publish(FakeService.at("192.0.2.1:1"));
    FakeService late = add("late");
    assertThat(late.published).containsExactly(FakeService.at("192.0.2.1:1"));
  }

  @Test
  void oneThatIsRemovedIsClosedAndAskedNoMore() {
    FakeService one = add("one");
    FakeService two = add("two");
    assertThat(all.remove(one)).isTrue();
    assertThat(all.remove(one)).isFalse();
    assertThat(one.closed).isEqualTo(1);
    all.publish(FakeService.at("192.0.2.1:1"));
    all.resolve(NODE, sink);
    assertThat(one.published).isEmpty();
    assertThat(one.asked).isEmpty();
    assertThat(two.asked).hasSize(1);
  }

  @Test
  void theFilterStandsBeforeAllServices() throws Exception {
    ConcurrentLookup filtered =
        new ConcurrentLookup(Runnable::run, timers, AddrFilter.relayOnly(), clock::nanoTime);
    FakeService service = new FakeService("one");
    filtered.add(service);
    TransportAddr relay = new TransportAddr.Relay(RelayUrl.parse("https://relay.example"));
    TransportAddr ip = new TransportAddr.Ip(SocketAddrs.parse("192.0.2.1:1"));
    filtered.publish(new EndpointData(List.of(ip), Optional.empty()));
    assertThat(service.published).as("there is nothing to say").isEmpty();
    filtered.publish(new EndpointData(List.of(relay, ip), Optional.empty()));
    filtered.publish(new EndpointData(List.of(relay), Optional.empty()));
    assertThat(service.published)
        .as("the same is not said twice")
        .containsExactly(new EndpointData(List.of(relay), Optional.empty()));
  }

  // ---- services that block ----

  @Test
  void oneThatBlocksHoldsUpNobodyAndGetsOnlyTheNewest() throws Exception {
    ExecutorService pool = Executors.newCachedThreadPool();
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger published = new AtomicInteger();
    Discovery blocking =
        new Discovery() {
          @Override
          public String name() {
            return "blocking";
          }

          @Override
          public void publish(EndpointData self) {
            published.incrementAndGet();
            await();
          }

          @Override
          public Subscription resolve(NodeId id, ResolveSink sink) {
            await();
            return () -> {};
          }

          private void await() {
            try {
              release.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }

          @Override
          public void close() {
            await();
          }
        };
    MemoryDiscovery memory = new MemoryDiscovery();
    memory.set(NODE, FakeService.at("192.0.2.1:1"));
    ConcurrentLookup mixed = new ConcurrentLookup(pool, timers, AddrFilter.everything());
    try {
      mixed.add(blocking);
      mixed.add(memory);
      for (int i = 1; i <= 100; i++) {
        mixed.publish(FakeService.at("192.0.2.1:" + i));
      }
      mixed.resolve(NODE, sink);
      Await.until("the other's finding", SOON, () -> sink.items.size() == 1);
      long begun = System.nanoTime();
      mixed.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
      assertThat(published).hasValue(1);
    } finally {
      release.countDown();
      pool.shutdown();
    }
  }
}
