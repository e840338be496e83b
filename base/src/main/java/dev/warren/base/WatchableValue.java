package dev.warren.base;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Watcher} with its setting side. {@link #set} never blocks and never runs a listener on
 * the calling thread: each listener has one pending run at most, which reads the newest value. Any
 * thread.
 */
public final class WatchableValue<T> implements Watcher<T> {
  private static final System.Logger LOG = System.getLogger(WatchableValue.class.getName());

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final Executor callbacks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  // Written under the lock.
  private volatile T value;

  public WatchableValue(T initial, Executor callbacks) {
    this.value = initial;
    this.callbacks = callbacks;
  }

  /** Sets the value; false if it equals the present one. */
  public boolean set(T next) {
    lock.lock();
    try {
      if (Objects.equals(value, next)) {
        return false;
      }
      value = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    listeners.forEach(Listener::schedule);
    return true;
  }

  @Override
  public T get() {
    return value;
  }

  @Override
  public T awaitUntil(Predicate<? super T> wanted, Duration limit)
      throws TimeoutException, InterruptedException {
    long whole = nanos(limit);
    long left = whole;
    for (; ; ) {
      T now = value;
      // Not under the lock: it is the caller's code, and set() waits for nobody.
      if (wanted.test(now)) {
        return now;
      }
      if (left <= 0) {
        throw new TimeoutException("still " + now + " after " + whole / 1_000_000 + " ms");
      }
      lock.lock();
      try {
        while (value == now && left > 0) {
          left = changed.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** {@code toNanos()} throws beyond 292 years, and "for ever" is a legal limit. */
  private static long nanos(Duration limit) {
    if (limit.isNegative()) {
      return 0;
    }
    return limit.compareTo(LONGEST) < 0 ? limit.toNanos() : LONGEST.toNanos();
  }

  @Override
  public Subscription onChange(Consumer<? super T> consumer) {
    Listener listener = new Listener(consumer, value);
    listeners.add(listener);
    // What was set between the reading of the value and now would be missed.
    listener.schedule();
    return () -> {
      listener.closed = true;
      listeners.remove(listener);
    };
  }

  private final class Listener {
    private final Consumer<? super T> consumer;
    private final ReentrantLock state = new ReentrantLock();
    private @Nullable T seen;
    private boolean scheduled;
    private boolean logged;
    private volatile boolean closed;

    Listener(Consumer<? super T> consumer, T seen) {
      this.consumer = consumer;
      this.seen = seen;
    }

    void schedule() {
      state.lock();
      try {
        if (scheduled || closed) {
          return;
        }
        scheduled = true;
      } finally {
        state.unlock();
      }
      try {
        callbacks.execute(this::run);
      } catch (RejectedExecutionException busyOrClosed) {
        // The next change tries again, and brings the newest value.
        state.lock();
        try {
          scheduled = false;
        } finally {
          state.unlock();
        }
      }
    }

    private void run() {
      for (; ; ) {
        T now;
        state.lock();
        try {
          now = value;
          if (closed || Objects.equals(now, seen)) {
            scheduled = false;
            return;
          }
          seen = now;
        } finally {
          state.unlock();
        }
        call(now);
      }
    }

    private void call(T now) {
      try {
        consumer.accept(now);
      } catch (RuntimeException | Error e) {
        if (!logged) {
          logged = true;
          LOG.log(System.Logger.Level.WARNING, "a listener failed; it stays registered", e);
        }
      }
    }
  }

  @Override
  public Flow.Publisher<T> publisher() {
    return subscriber -> subscriber.onSubscribe(new Feed(subscriber));
  }

  /** One reactive subscriber: hands over the newest value whenever one was asked for. */
  private final class Feed implements Flow.Subscription {
    private final Flow.Subscriber<? super T> subscriber;
    private final ReentrantLock state = new ReentrantLock();
    private final Subscription subscription;
    private long requested;
    private @Nullable T sent;
    private boolean delivering;
    private boolean cancelled;

    Feed(Flow.Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
      this.subscription = onChange(v -> deliver());
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        cancel();
        subscriber.onError(new IllegalArgumentException("request of " + n));
        return;
      }
      state.lock();
      try {
        requested = requested + n < 0 ? Long.MAX_VALUE : requested + n;
      } finally {
        state.unlock();
      }
      try {
        callbacks.execute(this::deliver);
      } catch (RejectedExecutionException ownerClosed) {
        cancel();
      }
    }

    /** One thread at a time hands over: signals must not overlap. */
    private void deliver() {
      state.lock();
      try {
        if (delivering) {
          return; // that thread looks again
        }
        delivering = true;
      } finally {
        state.unlock();
      }
      try {
        for (T now = next(); now != null; now = next()) {
          subscriber.onNext(now);
        }
      } catch (RuntimeException | Error e) {
        cancel();
        LOG.log(System.Logger.Level.WARNING, "a subscriber failed; it gets no more values", e);
      }
    }

    private @Nullable T next() {
      state.lock();
      try {
        T now = value;
        if (cancelled || requested == 0 || Objects.equals(now, sent)) {
          delivering = false;
          return null;
        }
        requested--;
        sent = now;
        return now;
      } finally {
        state.unlock();
      }
    }

    @Override
    public void cancel() {
      state.lock();
      try {
        cancelled = true;
      } finally {
        state.unlock();
      }
      subscription.close();
    }
  }
}
