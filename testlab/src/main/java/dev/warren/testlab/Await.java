package dev.warren.testlab;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition with a bound, instead of sleeping and hoping. */
public final class Await {
  private static final long POLL_NANOS = 2_000_000;

  private Await() {}

  /** Returns as soon as {@code condition} holds. */
  public static void until(Duration limit, BooleanSupplier condition) {
    until("the condition", limit, condition);
  }

  /** Returns as soon as {@code condition} holds; the error names {@code what}. */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(what + " did not come true within " + limit.toMillis() + " ms");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
