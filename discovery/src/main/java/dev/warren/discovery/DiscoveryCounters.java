package dev.warren.discovery;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters of all discovery of one endpoint. Any thread. */
public final class DiscoveryCounters {
  /** Every counter, with what it counts. */
  public enum Counter {
    PUBLISHES("changes of our addresses handed to a service"),
    LOOKUPS("lookups begun"),
    LOOKUPS_FOUND("lookups that found something"),
    LOOKUPS_FAILED("lookups that found nothing"),
    FINDINGS("findings of lookups that were new"),
    FINDINGS_REPEATED("findings that said what the same service had said before"),
    FINDINGS_WRONG("findings dropped because they were of another node, or none"),
    FINDINGS_LATE("findings dropped because the service had said that this was all"),
    FINDINGS_TOO_MANY("findings, or addresses of one, dropped because there were too many"),
    ADDRESSES_REFUSED(
        "addresses found that are not tried: loopback, multicast, broadcast, none, or our own"),
    SERVICE_FAILURES("services that failed in a lookup, or did not end in time"),
    SERVICE_ERRORS("calls of a service, or of a listener, that threw");

    private final String description;

    Counter(String description) {
      this.description = description;
    }

    public String description() {
      return description;
    }
  }

  private final AtomicLongArray values = new AtomicLongArray(Counter.values().length);

  public void count(Counter counter) {
    add(counter, 1);
  }

  public void add(Counter counter, long n) {
    values.addAndGet(counter.ordinal(), n);
  }

  public long get(Counter counter) {
    return values.get(counter.ordinal());
  }
}
