package dev.warren.dns.server.store;

import java.util.concurrent.atomic.LongAdder;

/** What a {@link PacketStore} did since it was opened. Counted by its threads, read by any. */
public final class StoreCounters {
  private final LongAdder inserted = new LongAdder();
  private final LongAdder updated = new LongAdder();
  private final LongAdder ignored = new LongAdder();
  private final LongAdder expired = new LongAdder();
  private final LongAdder overloaded = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder damaged = new LongAdder();

  /** Creates counters that are all zero. */
  public StoreCounters() {}

  /** Packets kept whose key had none. */
  public long inserted() {
    return inserted.sum();
  }

  /** Packets kept in the place of another. */
  public long updated() {
    return updated.sum();
  }

  /** Packets that were older than the one there. */
  public long ignored() {
    return ignored.sum();
  }

  /** Packets removed since they were too old. */
  public long expired() {
    return expired.sum();
  }

  /** Requests refused since too much was queued. */
  public long overloaded() {
    return overloaded.sum();
  }

  /** Requests that the disk or the database failed. */
  public long failed() {
    return failed.sum();
  }

  /** Packets that could not be given out since they are damaged. */
  public long damaged() {
    return damaged.sum();
  }

  /** For stores. */
  public void countInserted() {
    inserted.increment();
  }

  /** For stores. */
  public void countUpdated() {
    updated.increment();
  }

  /** For stores. */
  public void countIgnored() {
    ignored.increment();
  }

  /** For stores. */
  public void countExpired(int packets) {
    expired.add(packets);
  }

  /** For stores. */
  public void countOverloaded() {
    overloaded.increment();
  }

  /** For stores. */
  public void countFailed(int requests) {
    failed.add(requests);
  }

  /** For stores. */
  public void countDamaged() {
    damaged.increment();
  }
}
