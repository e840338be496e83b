package dev.warren.cli;

import dev.warren.base.SocketAddrs;
import dev.warren.dns.server.DnsServer;
import dev.warren.dns.server.config.DnsConfig;
import dev.warren.dns.server.config.HttpsSettings;
import dev.warren.dns.server.config.RunningDns;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code warren dns} says. Stateless. */
final class DnsReport {
  private DnsReport() {}

  /** Where a server is reached, and how to ask it. */
  static void bound(Output out, RunningDns dns) {
    DnsServer server = dns.server();
    String address = text(server.dnsAddress());
    List<String> origins = origins(server.origins().names());
    Map<String, Object> fields = new LinkedHashMap<>();
    server.url().ifPresent(url -> fields.put("url", url));
    fields.put("addrs", List.of(address));
    fields.put("dns", address);
    put(fields, "http", server.httpAddress().map(a -> "http://" + text(a) + "/"));
    put(fields, "https", server.httpsAddress().map(a -> "https://" + text(a) + "/"));
    server.pkarrUrl().ifPresent(url -> fields.put("pkarr", url));
    fields.put("origin", origins.get(0));
    fields.put("origins", origins);
    put(fields, "metrics", dns.metricsAddress().map(DnsReport::text));
    dns.certificateFile().ifPresent(file -> fields.put("certificate", file));
    List<String> human = new ArrayList<>();
    human.add("DNS at " + address + ", over UDP and TCP, for " + String.join(" ", origins));
    server
        .pkarrUrl()
        .ifPresent(
            url ->
                human.add(
                    "for endpoints: --pkarr "
                        + url
                        + " --dns-server "
                        + address
                        + " --dns-origin "
                        + origins.get(0)));
    dns.metricsAddress().ifPresent(a -> human.add("metrics at http://" + text(a) + "/metrics"));
    out.eventInLines("bound", human, flat(fields));
  }

  private static void put(Map<String, Object> fields, String name, Optional<String> value) {
    value.ifPresent(v -> fields.put(name, v));
  }

  /** What a configuration would serve. */
  static void checked(Output out, Path file, DnsConfig config) {
    Map<String, Object> serves = new LinkedHashMap<>();
    serves.put("dns", text(config.dns()));
    config.http().ifPresent(at -> serves.put("http", text(at)));
    config.https().ifPresent(https -> serves.put("https", text(https.address())));
    config.metrics().ifPresent(at -> serves.put("metrics", text(at.address())));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file);
    fields.put("serves", serves);
    config.https().map(HttpsSettings::mode).ifPresent(mode -> fields.put("certMode", mode));
    fields.put("origins", origins(config.origins().names()));
    fields.put("store", config.store().backend());
    fields.put("evictionSeconds", config.store().eviction().toSeconds());
    fields.put("putRateLimit", config.putLimit());
    fields.put("mainline", config.mainline().orElse(List.of()));
    fields.put("trustedProxies", config.trustedProxies());
    fields.put("drainSeconds", config.drain().toSeconds());
    fields.put("remarks", config.remarks());

    List<String> human = new ArrayList<>();
    human.add(file + " is right; it would serve");
    serves.forEach((name, at) -> human.add(String.format("  %-8s %s", name, at)));
    human.add("for " + String.join(" ", origins(config.origins().names())));
    human.add("packets: " + config.store().backend() + ", " + config.store().eviction());
    human.add("limit for publishing: " + config.putLimit());
    config.mainline().ifPresent(nodes -> human.add("else by the DHT: " + nodes));
    config.remarks().forEach(remark -> human.add("note: " + remark));
    out.eventInLines("checked", human, flat(fields));
  }

  private static List<String> origins(List<?> names) {
    return names.stream().map(Object::toString).toList();
  }

  private static String text(InetSocketAddress address) {
    return SocketAddrs.toString(address);
  }

  private static Object[] flat(Map<String, Object> fields) {
    return fields.entrySet().stream().flatMap(e -> Stream.of(e.getKey(), e.getValue())).toArray();
  }
}
