package dev.warren.base;

import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A value that changes. Any thread. */
public interface Watcher<T> {
  /** The value now; never blocks. */
  T get();

  /**
   * Waits until the value satisfies {@code wanted}.
   *
   * @throws TimeoutException if it did not within {@code limit}
   */
  T awaitUntil(Predicate<? super T> wanted, Duration limit)
      throws TimeoutException, InterruptedException;

  /**
   * Calls {@code listener} with each change, on the callback executor and in order. Values may be
   * missed when they change quickly, the last one never is. A listener that throws is logged once
   * and kept.
   */
  Subscription onChange(Consumer<? super T> listener);

  /**
   * The same as a publisher: the current value first, then changes; a slow subscriber misses
   * values.
   */
  Flow.Publisher<T> publisher();
}
