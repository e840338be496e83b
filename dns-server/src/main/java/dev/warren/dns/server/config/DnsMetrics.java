package dev.warren.dns.server.config;

import static java.util.Map.entry;

import dev.warren.serving.pages.MetricsText;
import java.util.Map;
import java.util.Set;

/** How a server's counters look in OpenMetrics text: names of dns-server section 9, then ours. */
final class DnsMetrics {
  private static final Map<String, String> HELP =
      Map.ofEntries(
          entry("pkarr_publish_update", "Published packets that changed the store"),
          entry("pkarr_publish_noop", "Published packets older than the one that is stored"),
          entry("dns_requests", "DNS queries over UDP, TCP and HTTPS"),
          entry("dns_requests_udp", "DNS queries over UDP"),
          entry("dns_requests_https", "DNS queries over HTTPS"),
          entry("dns_lookup_success", "Queries answered with records"),
          entry("dns_lookup_notfound", "Queries for what does not exist"),
          entry("dns_lookup_error", "Queries answered with an error"),
          entry("http_requests", "HTTP requests for something that is served"),
          entry("http_requests_success", "HTTP requests answered with 2xx"),
          entry("http_requests_error", "HTTP requests answered with anything else"),
          entry("http_requests_duration_ms", "Milliseconds that HTTP requests took, summed up"),
          entry("store_packets_inserted", "Packets of keys that had none"),
          entry("store_packets_updated", "Packets that replaced one of their key"),
          entry("store_packets_expired", "Packets removed for their age"),
          entry("store_packets_removed", "Packets removed for another reason: none so far"),
          entry("cache_zones", "Zones of stored packets in memory"),
          entry("cache_zones_dht", "Zones in memory that the DHT had"),
          entry("pkarr_publish_refused", "Published packets that are none, or not their key's"),
          entry("pkarr_publish_limited", "Publications refused for their address's rate"),
          entry("pkarr_publish_overloaded", "Publications refused for too much to do"),
          entry("pkarr_publish_failed", "Publications and reads that the store failed"),
          entry("dns_datagrams_ignored", "Messages at the DNS port that are no queries"),
          entry("dns_datagrams_dropped", "Answers that the socket did not take"),
          entry("dns_answers_limited", "Answers cut for their address's rate"),
          entry("dns_lookups_refused", "Queries failed as too many keys were looked for"),
          entry("store_reads", "Packets that were looked for in the store"),
          entry("store_read_failures", "Packets that the store could not be asked for"),
          entry("store_overloaded", "Requests that the store had no room for"),
          entry("store_failed", "Requests that the disk or the database failed"),
          entry("store_damaged", "Packets that were damaged in the store"),
          entry("fallback_lookups", "Keys that were looked for in the DHT"),
          entry("fallback_found", "Keys that the DHT had"),
          entry("fallback_refused", "Keys not looked for, as the DHT was asked for too many"),
          entry("cache_bytes", "Bytes of all zones in memory, about"),
          entry("connections", "TCP connections open now"),
          entry("connections_accepted", "TCP connections accepted"),
          entry("connections_cut", "TCP connections cut to make room for others"),
          entry("accept_failures", "Times that connections could not be accepted, for files"),
          entry("request_timeouts", "TCP connections cut as they did nothing in time"),
          entry("http_bad_requests", "Requests that were too long, malformed, or not HTTP"),
          entry("proxy_refused", "Connections of proxies without a usable PROXY header"),
          entry("tls_failures", "TLS handshakes that failed or took too long"),
          entry("tls_reloads", "Certificates taken over from files"),
          entry("tls_reload_failures", "Certificates in files that could not be used"),
          entry("acme_orders", "Certificates ordered from an authority"),
          entry("acme_failures", "Orders of certificates that failed"));

  static final MetricsText FORMAT =
      new MetricsText(
          "dns_server_",
          Set.of(),
          Set.of("cache_zones", "cache_zones_dht", "cache_bytes", "connections"),
          HELP);

  private DnsMetrics() {}
}
