package dev.warren.cli;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.config.RelayConfig;
import dev.warren.relay.server.config.RunningRelay;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.serving.config.Service;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code warren relay} says. Stateless. */
final class RelayReport {
  private RelayReport() {}

  /** Where a relay is reached, and what is beside it. */
  static void bound(Output out, RunningRelay relay) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("url", relay.server().url());
    fields.put("addrs", List.of(SocketAddrs.toString(relay.server().boundAddress())));
    put(fields, "plainHttp", relay.server().plainHttpAddress());
    put(fields, "stun", relay.server().stunAddress());
    put(fields, "metrics", relay.metricsAddress());
    put(fields, "status", relay.statusAddress());
    relay.certificateFile().ifPresent(file -> fields.put("certificate", file));
    List<String> human = new ArrayList<>();
    human.add("relay at " + relay.server().url());
    relay.certificateFile().ifPresent(f -> human.add("for clients: --relay-ca " + f));
    relay.statusAddress().ifPresent(a -> human.add("status at http://" + text(a) + "/"));
    relay.metricsAddress().ifPresent(a -> human.add("metrics at http://" + text(a) + "/metrics"));
    out.eventInLines("bound", human, flat(fields));
  }

  private static void put(
      Map<String, Object> fields, String name, Optional<InetSocketAddress> address) {
    address.ifPresent(a -> fields.put(name, text(a)));
  }

  /** A relay was asked to end and has clients. */
  static void draining(Output out, RunningRelay relay, Duration limit) {
    int clients = relay.server().clients();
    out.event(
        "draining",
        "ending: " + clients + " clients have " + limit.toSeconds() + " s to go elsewhere",
        "clients",
        clients,
        "seconds",
        limit.toSeconds());
  }

  /** What a configuration would serve. */
  static void checked(Output out, Path file, RelayConfig config) {
    Map<String, Object> serves = new LinkedHashMap<>();
    config.tls().ifPresent(tls -> serves.put("https", text(tls.https())));
    serves.put("http", text(config.http()));
    serve(serves, "stun", config.stun());
    serve(serves, "metrics", config.metrics());
    serve(serves, "status", config.status());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file);
    fields.put("serves", serves);
    config.tls().ifPresent(tls -> fields.put("certMode", tls.mode()));
    fields.put("access", config.access());
    fields.put("limits", limits(config.limits()));
    fields.put("trustedProxies", config.trustedProxies());
    fields.put("drainSeconds", config.drain().toSeconds());
    fields.put("remarks", config.remarks());

    List<String> human = new ArrayList<>();
    human.add(file + " is right; it would serve");
    serves.forEach((name, at) -> human.add(String.format("  %-8s %s", name, at)));
    config
        .tls()
        .ifPresent(tls -> human.add("http answers the captive-portal check only; " + tls.mode()));
    human.add("who may connect: " + config.access());
    human.add("limits: " + shown(limits(config.limits())));
    if (!config.trustedProxies().isEmpty()) {
      human.add("trusted proxies: " + config.trustedProxies());
    }
    config.remarks().forEach(remark -> human.add("note: " + remark));
    human.add("clients have " + config.drain().toSeconds() + " s to leave when it ends");
    out.eventInLines("checked", human, flat(fields));
  }

  private static void serve(Map<String, Object> serves, String name, Optional<Service> service) {
    service.ifPresent(s -> serves.put(name, text(s.address())));
  }

  /** 0 is no limit, as everywhere in {@link RelayLimits}. */
  private static Map<String, Object> limits(RelayLimits limits) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("bytesPerSecond", limits.bytesPerSecond());
    all.put("burstBytes", limits.effectiveBurstBytes());
    all.put("clients", limits.clients());
    all.put("clientsPerAddress", limits.clientsPerAddress());
    all.put("connectionsPerId", limits.connectionsPerId());
    all.put("connectsPerIdPerSecond", limits.connectsPerIdPerSecond());
    all.put("acceptsPerSecond", limits.acceptsPerSecond());
    all.put("handshakes", limits.handshakes());
    all.put("handshakesPerAddress", limits.handshakesPerAddress());
    all.put("queueFrames", limits.queueFrames());
    all.put("queueBytes", limits.queueBytes());
    all.put("keyCache", limits.keyCache());
    return all;
  }

  private static String shown(Map<String, Object> limits) {
    StringBuilder text = new StringBuilder();
    limits.forEach(
        (name, value) -> {
          boolean none = ((Number) value).doubleValue() == 0;
          text.append(text.isEmpty() ? "" : ", ").append(name).append(' ');
          text.append(none ? "none" : value);
        });
    return text.toString();
  }

  private static String text(InetSocketAddress address) {
    return SocketAddrs.toString(address);
  }

  private static Object[] flat(Map<String, Object> fields) {
    return fields.entrySet().stream().flatMap(e -> Stream.of(e.getKey(), e.getValue())).toArray();
  }
}
