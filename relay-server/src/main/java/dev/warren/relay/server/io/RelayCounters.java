package dev.warren.relay.server.io;

import dev.warren.relay.server.logic.Refusal;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counters of a relay's data plane, under the field's names (relay-server section 11) and names
 * like them for what has none there. Any thread.
 */
public final class RelayCounters {
  /** Connections that were let in. */
  final LongAdder accepts = new LongAdder();

  /** Those of them that ended. */
  final LongAdder disconnects = new LongAdder();

  /** Different ids, each once a day. */
  final LongAdder uniqueKeys = new LongAdder();

  /** Payload bytes of datagrams from clients. */
  final LongAdder bytesReceived = new LongAdder();

  /** Datagram frames from clients. */
  final LongAdder packetsReceived = new LongAdder();

  /** Payload bytes of datagrams for clients. */
  final LongAdder bytesSent = new LongAdder();

  /** Datagram frames for clients. */
  final LongAdder packetsSent = new LongAdder();

  /** Frames dropped: nobody with that id is connected. */
  final LongAdder droppedUnknown = new LongAdder();

  /** Frames dropped: the recipient's queue is full. */
  final LongAdder droppedFull = new LongAdder();

  /** Frames or datagrams dropped: empty, or too large to be forwarded. */
  final LongAdder droppedMalformed = new LongAdder();

  final LongAdder gotPing = new LongAdder();
  final LongAdder sentPong = new LongAdder();

  /** Frames of the legacy dialects that a client has no reason to send. */
  final LongAdder unknownFrames = new LongAdder();

  /** Bytes of the reads after which a client was held back. */
  final LongAdder bytesLimited = new LongAdder();

  /** Connections that were held back at least once. */
  final LongAdder connectionsLimited = new LongAdder();

  /** Connections that another one with their id has replaced. */
  final LongAdder inactiveAdded = new LongAdder();

  /** Those of them that ended or are active again. */
  final LongAdder inactiveRemoved = new LongAdder();

  /** Connections ended because their client broke the protocol. */
  final LongAdder protocolErrors = new LongAdder();

  /** Connections ended because their client took nothing of what waited for it. */
  final LongAdder stalled = new LongAdder();

  /** Connections ended because a ping was not answered. */
  final LongAdder silent = new LongAdder();

  /** Handshakes with a wrong signature, or none. */
  final LongAdder refusedSignature = new LongAdder();

  /** Handshakes that were not done in time. */
  final LongAdder refusedTimeout = new LongAdder();

  /** Refused by access control, or because that failed. */
  final LongAdder refusedAccess = new LongAdder();

  /** Connections refused because the relay is draining. */
  final LongAdder refusedDraining = new LongAdder();

  private final Map<Refusal, LongAdder> refused = new EnumMap<>(Refusal.class);
  private final Map<Dialect, LongAdder> ended = new EnumMap<>(Dialect.class);
  private final Map<Dialect, LongAdder> begun = new EnumMap<>(Dialect.class);

  RelayCounters() {
    for (Refusal reason : Refusal.values()) {
      refused.put(reason, new LongAdder());
    }
    for (Dialect dialect : Dialect.values()) {
      ended.put(dialect, new LongAdder());
      begun.put(dialect, new LongAdder());
    }
  }

  void onRefused(Refusal reason) {
    refused.get(reason).increment();
  }

  void onAccepted(Dialect dialect) {
    accepts.increment();
    begun.get(dialect).increment();
  }

  void onDisconnected(Dialect dialect) {
    disconnects.increment();
    ended.get(dialect).increment();
  }

  /** All by name; none goes down. */
  Map<String, Long> snapshot() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("accepts", accepts.sum());
    all.put("disconnects", disconnects.sum());
    all.put("unique_client_keys", uniqueKeys.sum());
    all.put("bytes_recv", bytesReceived.sum());
    all.put("bytes_sent", bytesSent.sum());
    all.put("send_packets_recv", packetsReceived.sum());
    all.put("send_packets_sent", packetsSent.sum());
    all.put("send_packets_dropped", droppedUnknown.sum());
    all.put("send_packets_dropped_queue_full", droppedFull.sum());
    all.put("send_packets_dropped_malformed", droppedMalformed.sum());
    all.put("got_ping", gotPing.sum());
    all.put("sent_pong", sentPong.sum());
    all.put("unknown_frames", unknownFrames.sum());
    all.put("bytes_rx_ratelimited_total", bytesLimited.sum());
    all.put("conns_rx_ratelimited_total", connectionsLimited.sum());
    all.put("clients_inactive_added", inactiveAdded.sum());
    all.put("clients_inactive_removed", inactiveRemoved.sum());
    all.put("protocol_errors", protocolErrors.sum());
    all.put("clients_stalled", stalled.sum());
    all.put("clients_silent", silent.sum());
    all.put("refused_signature", refusedSignature.sum());
    all.put("refused_timeout", refusedTimeout.sum());
    all.put("refused_access", refusedAccess.sum());
    all.put("refused_draining", refusedDraining.sum());
    refused.forEach((reason, n) -> all.put("refused_" + name(reason), n.sum()));
    begun.forEach((dialect, n) -> all.put("accepts_" + name(dialect), n.sum()));
    ended.forEach((dialect, n) -> all.put("disconnects_" + name(dialect), n.sum()));
    return all;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
