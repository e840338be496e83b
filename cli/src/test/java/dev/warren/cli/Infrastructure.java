package dev.warren.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code warren relay --dev} and {@code warren dns --dev} on free ports, and the endpoints that
 * tests start beside them; closing kills them all.
 */
final class Infrastructure implements AutoCloseable {
  /** The origin of {@code warren dns --dev}. */
  static final String ORIGIN = "dns.warren.test";

  private final List<String> prefix;
  private final List<WarrenProcess> processes = new ArrayList<>();

  Infrastructure() {
    this(List.of());
  }

  /**
   * @param prefix of every command line
   */
  Infrastructure(List<String> prefix) {
    this.prefix = prefix;
  }

  /** {@code warren} with these arguments and {@code --json}. */
  WarrenProcess warren(List<String> args) throws IOException {
    List<String> all = new ArrayList<>(args);
    all.add("--json");
    WarrenProcess process = WarrenProcess.start(Map.of(), prefix, all.toArray(String[]::new));
    processes.add(process);
    return process;
  }

  WarrenProcess warren(String... args) throws IOException {
    return warren(List.of(args));
  }

  /** Options of an endpoint that uses a new relay. */
  List<String> relay() throws IOException {
    WarrenProcess relay = warren("relay", "--dev", "--bind", "127.0.0.1:0");
    return List.of("--relay", (String) relay.await("bound").get("url"));
  }

  Dns dns(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("dns", "--dev"));
    args.addAll(List.of("--bind", "127.0.0.1:0", "--http", "127.0.0.1:0"));
    args.addAll(List.of(more));
    return new Dns(warren(args));
  }

  /** A running DNS server. */
  record Dns(WarrenProcess process) {
    Map<String, Object> bound() {
      return process.await("bound");
    }

    String pkarrUrl() {
      return (String) bound().get("pkarr");
    }

    /** {@code IP:PORT}. */
    String server() {
      return (String) bound().get("dns");
    }

    List<String> pkarr() {
      return List.of("--pkarr", pkarrUrl());
    }

    List<String> lookup() {
      return List.of("--dns-origin", ORIGIN, "--dns-server", server());
    }
  }

  /** A node of a DHT that knows another one. */
  String dhtNode(String... bootstrap) throws IOException {
    List<String> args = new ArrayList<>(List.of("dht", "--bind", "127.0.0.1:0"));
    for (String node : bootstrap) {
      args.addAll(List.of("--bootstrap", node));
    }
    return (String) ((List<?>) warren(args).await("bound").get("addrs")).get(0);
  }

  /** A listener on loopback; it is online when this returns, if it has a relay. */
  @SafeVarargs
  final WarrenProcess listener(List<String>... options) throws IOException {
    List<String> args = new ArrayList<>(List.of("listen", "--bind", "127.0.0.1:0"));
    for (List<String> some : options) {
      args.addAll(some);
    }
    WarrenProcess listener = warren(args);
    listener.await(args.contains("--relay") ? "online" : "bound");
    return listener;
  }

  static String id(WarrenProcess listener) {
    return (String) listener.await("bound").get("id");
  }

  /** Dials an id with a limit of half a minute. */
  @SafeVarargs
  final WarrenProcess dial(String id, List<String>... options) throws IOException {
    List<String> args =
        new ArrayList<>(List.of("connect", id, "--bind", "127.0.0.1:0", "--timeout", "30"));
    for (List<String> some : options) {
      args.addAll(some);
    }
    return warren(args);
  }

  static List<String> secretKey(Path file) {
    return List.of("--secret-key", file.toString());
  }

  @Override
  public void close() {
    processes.forEach(WarrenProcess::close);
  }
}
