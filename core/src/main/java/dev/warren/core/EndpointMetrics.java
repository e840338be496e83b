package dev.warren.core;

import dev.warren.core.io.QuicCounters;
import dev.warren.discovery.ConcurrentLookup;
import dev.warren.discovery.DiscoveryCounters;
import dev.warren.magicsock.MagicSocketMetrics;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The counters of an endpoint at one moment, by {@code group.name}; {@link #descriptions()} says
 * what each counts. Discovery services add counters of their own, as {@code
 * discovery.service.name}. Immutable.
 *
 * @param values all of them, sorted
 */
public record EndpointMetrics(Map<String, Long> values) {
  private static final Map<String, String> DESCRIPTIONS = describe();

  /** What names of services' counters must not have in them: metrics pages would break. */
  private static final Pattern NAME = Pattern.compile("[^A-Za-z0-9_.]");

  /** The counters of QUIC and of connections. */
  private enum Quic {
    OPENED("connections.opened", "connections opened, both sides", q -> q.connectionsOpened),
    CLOSED(
        "connections.closed", "connections closed after they were open", q -> q.connectionsClosed),
    IDENTITY(
        "connections.identity_rejected",
        "handshakes that ended without the identity that was expected",
        q -> q.identityRejected),
    IGNORED("connections.ignored", "first packets that the filter ignored", q -> q.incomingIgnored),
    RETRIED("connections.retried", "first packets answered with a Retry", q -> q.incomingRetried),
    REFUSED(
        "connections.refused",
        "connections refused by the filter or for want of any protocol",
        q -> q.incomingRefused),
    QUEUE_FULL(
        "connections.accept_queue_full",
        "connections closed because too many waited to be accepted",
        q -> q.acceptQueueFull),
    EARLY_ACCEPTED(
        "connections.early_data_accepted",
        "dials whose early data the peer accepted",
        q -> q.earlyDataAccepted),
    EARLY_REFUSED(
        "connections.early_data_refused",
        "dials whose early data the peer refused",
        q -> q.earlyDataRefused),
    NOT_QUIC("quic.not_quic", "datagrams dropped because they cannot be QUIC", q -> q.notQuic),
    DATAGRAMS(
        "quic.datagrams_overflowed",
        "application datagrams dropped because nobody read them",
        q -> q.datagramsOverflowed),
    NOT_SENT(
        "quic.datagrams_not_sent",
        "application datagrams dropped because the event loop did not keep up",
        q -> q.datagramsNotSent),
    HELD_OFF(
        "connections.held_off",
        "first packets answered with Retry or dropped because too many handshakes were under way",
        q -> q.handshakesHeldOff),
    INBOX(
        "quic.shard_inbox_full",
        "datagrams dropped on their way to another event loop",
        q -> q.shardInboxFull),
    EGRESS(
        "quic.egress_without_peer",
        "packets that QUIC addressed to nobody known",
        q -> q.egressWithoutPeer),
    NOT_REAPED(
        "quic.streams_not_reaped",
        "aborted streams kept until their connection ends",
        q -> q.streamsNotReaped);

    private final String label;
    private final String description;
    private final Function<QuicCounters, LongAdder> counter;

    Quic(String label, String description, Function<QuicCounters, LongAdder> counter) {
      this.label = label;
      this.description = description;
      this.counter = counter;
    }
  }

  static EndpointMetrics of(
      QuicCounters quic, MagicSocketMetrics socket, ConcurrentLookup discovery) {
    TreeMap<String, Long> all = new TreeMap<>();
    for (MagicSocketMetrics.Counter c : MagicSocketMetrics.Counter.values()) {
      all.put(name(c), socket.get(c));
    }
    for (Quic c : Quic.values()) {
      all.put(c.label, c.counter.apply(quic).sum());
    }
    for (DiscoveryCounters.Counter c : DiscoveryCounters.Counter.values()) {
      all.put(name(c), discovery.counters().get(c));
    }
    discovery
        .serviceMetrics()
        .forEach((name, n) -> all.put("discovery." + NAME.matcher(name).replaceAll("_"), n));
    return new EndpointMetrics(Collections.unmodifiableMap(all));
  }

  private static Map<String, String> describe() {
    TreeMap<String, String> all = new TreeMap<>();
    for (MagicSocketMetrics.Counter c : MagicSocketMetrics.Counter.values()) {
      all.put(name(c), c.description());
    }
    for (Quic c : Quic.values()) {
      all.put(c.label, c.description);
    }
    for (DiscoveryCounters.Counter c : DiscoveryCounters.Counter.values()) {
      all.put(name(c), c.description());
    }
    return Collections.unmodifiableMap(all);
  }

  private static String name(DiscoveryCounters.Counter counter) {
    return "discovery." + counter.name().toLowerCase(Locale.ROOT);
  }

  private static String name(MagicSocketMetrics.Counter counter) {
    return "socket." + counter.name().toLowerCase(Locale.ROOT);
  }

  /** What each counter counts, by its name, sorted. */
  public static Map<String, String> descriptions() {
    return DESCRIPTIONS;
  }

  /** One value; 0 if there is no counter of that name. */
  public long get(String name) {
    return values.getOrDefault(name, 0L);
  }
}
