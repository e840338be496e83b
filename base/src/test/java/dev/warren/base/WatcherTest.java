package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.testlab.Await;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Watching a value: what a listener sees, in which order, on whose thread. */
class WatcherTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  /** Runs what it was given when told to. */
  private static final class Later implements Executor {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    void runAll() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
    }
  }

  @Test
  void aListenerNeverRunsOnTheThreadThatSets() {
    Later later = new Later();
    WatchableValue<Integer> value = new WatchableValue<>(0, later);
    List<Integer> seen = new ArrayList<>();
    value.onChange(seen::add);
    value.set(1);
    assertThat(seen).isEmpty();
    later.runAll();
    assertThat(seen).containsExactly(1);
  }

  @Test
  void changesThatComeFastAreCoalescedToTheLast() {
    Later later = new Later();
    WatchableValue<Integer> value = new WatchableValue<>(0, later);
    List<Integer> seen = new ArrayList<>();
    value.onChange(seen::add);
    for (int i = 1; i <= 1000; i++) {
      value.set(i);
    }
    assertThat(later.tasks).as("pending runs of one listener").hasSize(1);
    later.runAll();
    assertThat(seen).containsExactly(1000);
    assertThat(value.set(1000)).as("the same value again").isFalse();
    assertThat(later.tasks).isEmpty();
  }

  @Test
  void valuesComeInOrderAndTheLastIsNeverMissed() {
    for (int round = 0; round < 200; round++) {
      WatchableValue<Integer> value = new WatchableValue<>(0, pool);
      List<Integer> seen = new CopyOnWriteArrayList<>();
      value.onChange(seen::add);
      for (int i = 1; i <= 50; i++) {
        value.set(i);
      }
      Await.until("the last value", SOON, () -> seen.contains(50));
      assertThat(seen).isSorted().endsWith(50);
    }
  }

  @Test
  void aListenerThatThrowsIsLoggedOnceAndKept() {
    List<LogRecord> records = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(WatchableValue.class.getName());
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      for (Throwable failure :
          List.of(new IllegalStateException("listener"), new AssertionError())) {
        records.clear();
        Later later = new Later();
        WatchableValue<Integer> value = new WatchableValue<>(0, later);
        AtomicInteger calls = new AtomicInteger();
        value.onChange(
            v -> {
              calls.incrementAndGet();
              WatcherTest.<RuntimeException>sneak(failure);
            });
        for (int i = 1; i <= 3; i++) {
          value.set(i);
          later.runAll();
        }
        assertThat(calls).hasValue(3);
        assertThat(records).hasSize(1);
      }
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void sneak(Throwable failure) throws X {
    throw (X) failure;
  }

  @Test
  void aListenerWhomTheExecutorOnceHadNoRoomForHearsOfTheNextChange() {
    boolean[] busy = {false};
    List<Integer> heard = new ArrayList<>();
    WatchableValue<Integer> value =
        new WatchableValue<>(
            0,
            task -> {
              if (busy[0]) {
                throw new RejectedExecutionException("busy");
              }
              task.run();
            });
    value.onChange(heard::add);
    busy[0] = true;
    value.set(1);
    busy[0] = false;
    value.set(2);
    assertThat(heard).containsExactly(2);
  }

  @Test
  void aClosedSubscriptionHearsNothingMore() {
    Later later = new Later();
    WatchableValue<Integer> value = new WatchableValue<>(0, later);
    List<Integer> seen = new ArrayList<>();
    Subscription subscription = value.onChange(seen::add);
    value.set(1);
    subscription.close();
    subscription.close();
    later.runAll();
    value.set(2);
    later.runAll();
    assertThat(seen).isEmpty();
  }

  @Test
  void awaitUntilReturnsTheValueThatWasWantedOrSaysWhatItStillIs() throws Exception {
    WatchableValue<Integer> value = new WatchableValue<>(1, pool);
    assertThat(value.awaitUntil(v -> v == 1, Duration.ZERO)).isOne();
    CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(() -> await(value, 7), pool);
    value.set(5);
    value.set(7);
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(7);
    assertThatThrownBy(() -> value.awaitUntil(v -> v == 8, Duration.ofMillis(30)))
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("still 7")
        .hasMessageContaining("30 ms");
    assertThatThrownBy(() -> value.awaitUntil(v -> v == 8, Duration.ofSeconds(Long.MIN_VALUE)))
        .isInstanceOf(TimeoutException.class);
  }

  private static int await(Watcher<Integer> value, int wanted) {
    try {
      return value.awaitUntil(v -> v == wanted, ChronoUnit.FOREVER.getDuration());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The predicate is the caller's code: however long it thinks, the setting side goes on. */
  @Test
  void aSlowPredicateDoesNotHoldUpTheSetter() throws Exception {
    WatchableValue<Integer> value = new WatchableValue<>(0, pool);
    CountDownLatch thinking = new CountDownLatch(1);
    CountDownLatch thought = new CountDownLatch(1);
    CompletableFuture<Integer> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return value.awaitUntil(
                    v -> {
                      thinking.countDown();
                      try {
                        return thought.await(10, TimeUnit.SECONDS) && v == 1;
                      } catch (InterruptedException e) {
                        return false;
                      }
                    },
                    SOON);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            pool);
    thinking.await();
    CompletableFuture.runAsync(() -> value.set(1), pool).get(5, TimeUnit.SECONDS);
    thought.countDown();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isOne();
  }

  /** Takes one value at a time and remembers if two ever came at once. */
  private static final class Slow implements Flow.Subscriber<Integer> {
    final List<Integer> seen = new CopyOnWriteArrayList<>();
    final AtomicBoolean overlapped = new AtomicBoolean();
    final AtomicInteger inside = new AtomicInteger();
    volatile Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
    }

    @Override
    public void onNext(Integer v) {
      if (inside.incrementAndGet() > 1) {
        overlapped.set(true);
      }
      seen.add(v);
      Thread.yield();
      inside.decrementAndGet();
    }

    @Override
    public void onError(Throwable e) {
      seen.add(-1);
    }

    @Override
    public void onComplete() {}
  }

  @Test
  void aSubscriberGetsTheCurrentValueThenTheNewestWheneverItAsks() {
    WatchableValue<Integer> value = new WatchableValue<>(1, pool);
    Slow subscriber = new Slow();
    value.publisher().subscribe(subscriber);
    subscriber.subscription.request(1);
    Await.until("the current value", SOON, () -> subscriber.seen.equals(List.of(1)));
    value.set(2);
    value.set(3);
    subscriber.subscription.request(1);
    Await.until("the newest value", SOON, () -> subscriber.seen.equals(List.of(1, 3)));
    subscriber.subscription.request(0);
    assertThat(subscriber.seen).as("asked for nothing: an error").containsExactly(1, 3, -1);
  }

  @Test
  void aSubscribersSignalsNeverOverlapNorGoBack() {
    WatchableValue<Integer> value = new WatchableValue<>(0, pool);
    Slow subscriber = new Slow();
    value.publisher().subscribe(subscriber);
    for (int i = 1; i <= 20_000; i++) {
      value.set(i);
      subscriber.subscription.request(1);
    }
    Await.until("the last value", SOON, () -> subscriber.seen.contains(20_000));
    assertThat(subscriber.overlapped).isFalse();
    assertThat(subscriber.seen).isSorted();
  }
}
