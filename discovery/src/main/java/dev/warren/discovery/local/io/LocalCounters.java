package dev.warren.discovery.local.io;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** What happened on the local network. Any thread. */
public final class LocalCounters {
  /** What is counted. */
  public enum Counter {
    SENT("sent"),
    /** The interface or the system did not take it. */
    SEND_FAILED("send_failed"),
    RECEIVED("received"),
    /** Not about iroh's services, or malformed. */
    IGNORED("ignored"),
    /** The sender is no neighbour, or not on the port of multicast DNS. */
    OFF_LINK("off_link"),
    /** More came than is read in a second. */
    FLOODED("flooded"),
    /** Announcements of nodes for which the table has no room. */
    REFUSED("refused"),
    /** Nodes that are known now. */
    PEERS("peers"),
    /** Sockets that are open now: one for each interface and family. */
    LINKS("links"),
    /** Interfaces that could not be joined. */
    JOIN_FAILED("join_failed"),
    /** Listeners that threw, and what else should not happen. */
    FAILED("failed");

    private final String text;

    Counter(String text) {
      this.text = text;
    }
  }

  private final AtomicLongArray values = new AtomicLongArray(Counter.values().length);

  public void add(Counter counter) {
    values.incrementAndGet(counter.ordinal());
  }

  void set(Counter counter, long value) {
    values.set(counter.ordinal(), value);
  }

  public long get(Counter counter) {
    return values.get(counter.ordinal());
  }

  /** By name. */
  public Map<String, Long> snapshot() {
    Map<String, Long> all = new LinkedHashMap<>();
    for (Counter counter : Counter.values()) {
      all.put(counter.text, get(counter));
    }
    return all;
  }
}
