package dev.warren.core;

import dev.warren.core.io.QuicCounters;
import dev.warren.magicsock.MagicSocketMetrics;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The counters of an endpoint at one moment, by {@code group.name}. Immutable.
 *
 * @param values all of them, sorted
 */
public record EndpointMetrics(Map<String, Long> values) {
  static EndpointMetrics of(QuicCounters quic, MagicSocketMetrics socket) {
    TreeMap<String, Long> all = new TreeMap<>();
    for (MagicSocketMetrics.Counter c : MagicSocketMetrics.Counter.values()) {
      all.put("socket." + c.name().toLowerCase(Locale.ROOT), socket.get(c));
    }
    all.put("connections.opened", quic.connectionsOpened.sum());
    all.put("connections.closed", quic.connectionsClosed.sum());
    all.put("connections.identity_rejected", quic.identityRejected.sum());
    all.put("connections.ignored", quic.incomingIgnored.sum());
    all.put("connections.retried", quic.incomingRetried.sum());
    all.put("connections.refused", quic.incomingRefused.sum());
    all.put("connections.accept_queue_full", quic.acceptQueueFull.sum());
    all.put("connections.early_data_accepted", quic.earlyDataAccepted.sum());
    all.put("connections.early_data_refused", quic.earlyDataRefused.sum());
    all.put("quic.not_quic", quic.notQuic.sum());
    all.put("quic.datagrams_overflowed", quic.datagramsOverflowed.sum());
    all.put("quic.shard_inbox_full", quic.shardInboxFull.sum());
    all.put("quic.streams_not_reaped", quic.streamsNotReaped.sum());
    return new EndpointMetrics(Map.copyOf(all));
  }

  /** One value; 0 if there is no counter of that name. */
  public long get(String name) {
    return values.getOrDefault(name, 0L);
  }
}
