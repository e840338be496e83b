package dev.warren.relay.server.operation;

import dev.warren.base.SocketAddrs;
import dev.warren.serving.pages.JsonText;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The numbers of a status page as JSON. One thread. */
final class StatusFeed {
  /** The busiest; a page with more is for a machine, and that has the metrics. */
  static final int MOST_CLIENTS = 200;

  /** Characters of an id that tell it from the others on a page. */
  private static final int SHORT_ID = 10;

  private static final Pattern REFUSAL =
      Pattern.compile(
          "^(?!bytes_).*(refused|dropped|limited|timeout|error|bad_requests|failures|stalled|silent)");

  private final StatusSource source;
  private final Throughput throughput = new Throughput();
  private final Instant started;

  StatusFeed(StatusSource source, Instant started) {
    this.source = source;
    this.started = started;
  }

  /** Once a second. */
  void sample(long nanos) {
    Map<String, Long> metrics = source.metrics();
    throughput.add(
        nanos,
        metrics.getOrDefault("bytes_recv", 0L),
        metrics.getOrDefault("bytes_sent", 0L),
        source.clients().size());
  }

  String json(Instant now) {
    List<StatusSource.Client> clients = source.clients();
    Map<String, Object> feed = new LinkedHashMap<>();
    feed.put("uptimeSeconds", Duration.between(started, now).toSeconds());
    feed.put("clientCount", clients.size());
    feed.put(
        "clients",
        clients.stream()
            .sorted(Comparator.comparingLong(StatusFeed::bytes).reversed())
            .limit(MOST_CLIENTS)
            .map(client -> row(client, now))
            .toList());
    feed.put("throughput", throughput.samples().stream().map(StatusFeed::point).toList());
    feed.put("refusals", refusals());
    return JsonText.of(feed);
  }

  private static long bytes(StatusSource.Client client) {
    return client.bytesReceived() + client.bytesSent();
  }

  private static Map<String, Object> row(StatusSource.Client client, Instant now) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", client.id().substring(0, Math.min(SHORT_ID, client.id().length())));
    row.put("address", SocketAddrs.toString(client.remote()));
    row.put("dialect", client.dialect());
    row.put("seconds", Duration.between(client.since(), now).toSeconds());
    row.put("received", client.bytesReceived());
    row.put("sent", client.bytesSent());
    row.put("active", client.active());
    return row;
  }

  private static Map<String, Object> point(Throughput.Sample sample) {
    Map<String, Object> point = new LinkedHashMap<>();
    point.put("second", sample.second());
    point.put("received", sample.received());
    point.put("sent", sample.sent());
    point.put("clients", sample.clients());
    return point;
  }

  /** What was turned away or thrown away, where it happened at all. */
  private Map<String, Long> refusals() {
    Map<String, Long> refusals = new TreeMap<>();
    source
        .metrics()
        .forEach(
            (name, count) -> {
              if (count > 0 && REFUSAL.matcher(name).find()) {
                refusals.put(name, count);
              }
            });
    return refusals;
  }
}
