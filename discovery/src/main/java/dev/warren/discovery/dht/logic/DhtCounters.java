package dev.warren.discovery.dht.logic;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened, counted. Any thread may read. */
public final class DhtCounters {
  /** What is counted. */
  public enum Event {
    DATAGRAMS_RECEIVED,
    DATAGRAMS_SENT,
    BYTES_RECEIVED,
    BYTES_SENT,
    /** The socket would not take a datagram. */
    SEND_FAILURES,
    /** Datagrams that are no message. */
    MALFORMED,
    /** Answers that nobody asked for: another source or another transaction id. */
    UNEXPECTED_ANSWERS,
    /** Answers by a node that another had told of by another id. */
    WRONG_IDS,
    /** Contacts in answers that are not used: addresses that no node can have, or too narrow. */
    CONTACTS_REFUSED,
    /** Items in answers that are malformed, lie elsewhere, or are not signed by their key. */
    BAD_ITEMS,
    /** Queries of others. */
    QUERIES,
    /** Queries that were dropped because their address sent too many. */
    QUERIES_LIMITED,
    /**
     * Answers that were not given since they are longer than the query, from an unproven address.
     */
    ANSWERS_WITHHELD,
    PUTS_STORED,
    PUTS_REFUSED,
    LOOKUPS,
    /** Lookups and puts that were refused because too many were under way. */
    LOOKUPS_REFUSED
  }

  private final LongAdder[] adders = new LongAdder[Event.values().length];

  public DhtCounters() {
    for (int i = 0; i < adders.length; i++) {
      adders[i] = new LongAdder();
    }
  }

  public void count(Event event) {
    add(event, 1);
  }

  public void add(Event event, long n) {
    adders[event.ordinal()].add(n);
  }

  public long get(Event event) {
    return adders[event.ordinal()].sum();
  }

  /** All of them by their names in lower case. */
  public Map<String, Long> snapshot() {
    Map<String, Long> all = new LinkedHashMap<>();
    for (Event event : Event.values()) {
      all.put(event.name().toLowerCase(Locale.ROOT), get(event));
    }
    return all;
  }
}
