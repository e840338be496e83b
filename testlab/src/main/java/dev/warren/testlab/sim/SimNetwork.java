package dev.warren.testlab.sim;

import dev.warren.testlab.nat.NatKind;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The network, and its time: nothing happens but by {@link #run}. Not thread-safe. A run depends on
 * the seed and on what the caller does, and on nothing else.
 */
public final class SimNetwork {
  /** A run that has so many events in it goes round in circles. */
  private static final long MAX_EVENTS = 5_000_000;

  private record Event(long at, long order, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private final SplittableRandom random;
  private final Segment internet;
  private long now;
  private long order;
  private long done;
  private long lost;

  public SimNetwork(long seed) {
    random = new SplittableRandom(seed);
    internet = new Segment(this, null);
  }

  // ---- what it is made of ----

  /** A host with a public address. */
  public SimHost host(String address, SimLink link) {
    return new SimHost(internet, address, link);
  }

  /** A NAT with a public outside address. */
  public SimNat nat(String external, NatKind kind, SimLink link) {
    return new SimNat(internet, external, kind, link);
  }

  // ---- time ----

  /** Nanoseconds since the beginning. */
  public long now() {
    return now;
  }

  /** {@link #now} for those who take a clock. */
  public LongSupplier clock() {
    return this::now;
  }

  public long millis() {
    return now / 1_000_000;
  }

  /** Does something later. */
  public void after(long nanos, Runnable action) {
    events.add(new Event(now + Math.max(0, nanos), order++, action));
  }

  /** Lets time pass up to {@code until}, with all that happens in it. */
  public void run(long until) {
    run(until, () -> false);
  }

  /** As before, but ends as soon as {@code condition} holds, and says whether it does. */
  public boolean run(long until, BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Event next = events.peek();
      if (next == null || next.at > until) {
        now = Math.max(now, until);
        return false;
      }
      events.poll();
      now = next.at;
      if (++done > MAX_EVENTS) {
        throw new IllegalStateException("more than " + MAX_EVENTS + " events: does it ever end?");
      }
      next.action.run();
    }
    return true;
  }

  /** Packets that links have lost or found too large, and NATs have dropped. */
  public long lost() {
    return lost;
  }

  // ---- for the parts ----

  void drop() {
    lost++;
  }

  SplittableRandom random() {
    return random;
  }
}
