package dev.warren.benchmarks;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import dev.warren.serving.tls.ServerTls;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code benchmarks/run WHAT}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Measures Warren beside bare Netty QUIC, in turn, in one run.")
public final class Benchmarks implements Callable<Integer> {
  /** The heap does not move the resident size: see {@link Machine#memory}. */
  static final List<String> STILL =
      List.of("-XX:+UseSerialGC", "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

  /** As {@link #STILL}, with room for the TLS sessions of ten thousand clients. */
  static final List<String> STILL_AND_LARGE =
      List.of("-XX:+UseSerialGC", "-Xms1536m", "-Xmx1536m", "-XX:+AlwaysPreTouch");

  static final List<String> PLAIN = List.of("-Xmx512m");

  /**
   * Rounds of both stacks that are thrown away: in fewer, what is measured is how far the compiler
   * has come with either of them (docs/benchmarks.md has the figures of the first rounds too).
   */
  private static final int HANDSHAKE_WARM_UP = 8;

  /** Clients that come back at once after a relay's restart. */
  private static final int STORM = 1_000;

  private static final int DHT_NODES = 50;

  private static final long MIB = 1 << 20;
  private static final double GB = 1e9;

  @Parameters(
      index = "0",
      description =
          "bulk pingpong handshakes memory relay idle relay-forward relay-latency relay-idle"
              + " relay-storm dns-put dns-queries dns-size dns discovery discovery-mdns"
              + " discovery-mdns-idle dht all jmh")
  String what = "";

  @Parameters(index = "1..*", hidden = true)
  List<String> rest = new ArrayList<>();

  @Option(names = "--json", description = "one JSON object per benchmark")
  boolean json;

  @Option(names = "--rounds", description = "measured rounds of each stack")
  int rounds = 5;

  @Option(names = "--mib", description = "of one bulk round")
  long mib = 256;

  @Option(names = "--connections", description = "of the memory benchmark")
  int connections = 1000;

  @Option(names = "--seconds", description = "of the idle benchmark")
  int seconds = 30;

  @Option(names = "--clients", description = "of the relay-idle benchmark")
  int clients = 10_000;

  @Option(names = "--keys", description = "of the dns benchmarks; each has a number of its own")
  int keys;

  @Option(
      names = "--directory",
      description = "of the dns benchmarks' storage; what is there is deleted")
  Path directory = Path.of("benchmarks/target/dns-store");

  @Option(names = "--stack", description = "bulk, pingpong: warren or warren-blocking")
  String stack = "warren";

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("jmh")) {
      // Its options are its own.
      org.openjdk.jmh.Main.main(Arrays.copyOfRange(args, 1, args.length));
      return;
    }
    System.exit(new CommandLine(new Benchmarks()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    switch (what) {
      case "bulk" -> {
        bulk(1);
        bulk(8);
      }
      case "pingpong" -> pingPong();
      case "handshakes" -> handshakes();
      case "memory" -> memory();
      case "relay" -> relay();
      case "idle" -> idle();
      case "relay-forward" -> {
        for (int payload : new int[] {RelayFigures.BATCH, RelayFigures.DATAGRAM}) {
          relayFigures().forwarding(false, payload, mib);
          relayFigures().forwarding(true, payload, mib);
        }
      }
      case "relay-latency" -> {
        relayFigures().latency(false);
        relayFigures().latency(true);
      }
      case "relay-idle" -> {
        relayFigures().idle(false, clients, seconds);
        relayFigures().idle(true, clients, seconds);
      }
      case "relay-storm" -> {
        relayFigures().storm(false, STORM);
        relayFigures().storm(true, STORM);
      }
      case "dns-put" -> storeFigures().puts(keys > 0 ? keys : 50_000);
      case "dns-size" -> storeFigures().size(keys > 0 ? keys : 1_000_000);
      case "dns-queries" -> queryFigures().queries(keys > 0 ? keys : 100_000, 10);
      case "dns" -> {
        storeFigures().puts(keys > 0 ? keys : 50_000);
        queryFigures().queries(keys > 0 ? keys : 100_000, 10);
        storeFigures().size(keys > 0 ? keys : 1_000_000);
      }
      case "discovery" -> new DiscoveryFigures(json, rounds).measure();
      case "discovery-mdns" -> new LocalFigures(json).lookups(rounds);
      case "discovery-mdns-idle" -> new LocalFigures(json).idle(seconds);
      case "dht" -> new DhtFigures(json, rounds).lookups(DHT_NODES);
      case "all" -> {
        bulk(1);
        bulk(8);
        pingPong();
        handshakes();
        memory();
        relay();
        idle();
      }
      case "serve" -> serve();
      case "serve-relay" -> serveRelay();
      case "serve-forwarder" -> serveForwarder();
      case "fill-store" -> StoreFigures.fill(Path.of(rest.get(0)), Integer.parseInt(rest.get(1)));
      case "serve-mdns" -> LocalFigures.serve();
      case "serve-dns" -> QueryFigures.serve(Path.of(rest.get(0)), Integer.parseInt(rest.get(1)));
      case "crowd" -> crowd();
      case "hold" -> hold();
      default ->
          throw new CommandLine.ParameterException(
              new CommandLine(this), "no benchmark is called " + what);
    }
    return 0;
  }

  // ---- the processes ----

  private void serve() throws Exception {
    try (Stack served = Stack.of(rest.get(0), rest.subList(1, rest.size()))) {
      System.out.println(served.serve());
      untilClosed();
    }
  }

  private void serveRelay() throws Exception {
    RelayServer.Builder builder = RelayServer.builder();
    if (rest.contains("tls")) {
      builder.tls(ServerTls.selfSigned(List.of("127.0.0.1")));
    }
    try (RelayServer relay = builder.bind(SocketAddrs.parse("127.0.0.1:0"))) {
      System.out.println(relay.url());
      untilClosed();
    }
  }

  private void serveForwarder() throws Exception {
    SslContext tls = null;
    if (rest.contains("tls")) {
      SelfSignedCertificate certificate = new SelfSignedCertificate("127.0.0.1");
      tls =
          SslContextBuilder.forServer(certificate.certificate(), certificate.privateKey())
              // The relay's, on every platform.
              .sslProvider(
                  OpenSsl.isAvailable() && Runtime.version().feature() < 25
                      ? SslProvider.OPENSSL
                      : SslProvider.JDK)
              .build();
    }
    try (Forwarder forwarder = new Forwarder(tls)) {
      System.out.println(forwarder.url());
      untilClosed();
    }
  }

  private void crowd() throws Exception {
    try (RelayCrowd crowd = new RelayCrowd(rest.get(0))) {
      System.out.println(
          crowd.connect(Integer.parseInt(rest.get(1)), Integer.parseInt(rest.get(2))));
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String what = in.readLine(); what != null; what = in.readLine()) {
        System.out.println(what.equals("redials") ? crowd.redials() : crowd.lost());
      }
    }
  }

  private RelayFigures relayFigures() {
    return new RelayFigures(json, rounds);
  }

  private StoreFigures storeFigures() {
    return new StoreFigures(json, rounds, directory);
  }

  private QueryFigures queryFigures() {
    return new QueryFigures(json, rounds, directory);
  }

  private void hold() throws Exception {
    List<Stack.Link> links = new ArrayList<>();
    try (Stack dialling = Stack.of(rest.get(0), List.of())) {
      links.add(dialling.dial(rest.get(1)));
      System.out.println(Machine.memory());
      for (int i = 0; i < Integer.parseInt(rest.get(2)); i++) {
        links.add(dialling.dial(rest.get(1)));
      }
      System.out.println("dialled");
      untilClosed();
    }
  }

  static void untilClosed() throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(Machine.memory());
    }
  }

  private static Child server(List<String> jvm, String name, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("serve", name));
    arguments.addAll(List.of(options));
    return Child.start(jvm, arguments);
  }

  // ---- bulk ----

  private void bulk(int streams) throws Exception {
    Figures figures = new Figures("bulk-" + streams, json);
    try (Child bareServer = server(PLAIN, "bare");
        Child warrenServer = server(PLAIN, stack);
        Stack bare = Stack.of("bare", List.of());
        Stack warren = Stack.of(stack, List.of());
        Stack.Link bareLink = bare.dial(bareServer.read());
        Stack.Link warrenLink = warren.dial(warrenServer.read())) {
      for (int round = -2; round < rounds; round++) {
        bulk(figures, round, "bare", bareServer, bareLink, streams);
        bulk(figures, round, "warren", warrenServer, warrenLink, streams);
      }
    }
    figures.ratio("throughputRatio", "warrenMibPerS", "bareMibPerS");
    figures.ratio("cpuRatio", "warrenCpuSPerGb", "bareCpuSPerGb");
    figures.print();
  }

  private void bulk(
      Figures figures, int round, String name, Child server, Stack.Link link, int streams)
      throws Exception {
    double cpu = Machine.ownCpuSeconds() + server.cpuSeconds();
    long start = System.nanoTime();
    long each = mib * MIB / streams;
    link.bulk(each, streams);
    double spent = (System.nanoTime() - start) / 1e9;
    double used = Machine.ownCpuSeconds() + server.cpuSeconds() - cpu;
    if (round >= 0) {
      figures.add(name + "MibPerS", each * streams / (double) MIB / spent);
      figures.add(name + "CpuSPerGb", used / (each * streams / GB));
    }
  }

  // ---- pingpong ----

  private void pingPong() throws Exception {
    Figures figures = new Figures("pingpong", json);
    int count = 5000;
    try (Child bareServer = server(PLAIN, "bare");
        Child warrenServer = server(PLAIN, stack);
        Stack bare = Stack.of("bare", List.of());
        Stack warren = Stack.of(stack, List.of());
        Stack.Link bareLink = bare.dial(bareServer.read());
        Stack.Link warrenLink = warren.dial(warrenServer.read())) {
      for (int round = -2; round < rounds; round++) {
        pingPong(figures, round, "bare", bareLink.pingPong(64, count));
        pingPong(figures, round, "warren", warrenLink.pingPong(64, count));
      }
    }
    figures.ratio("p50Ratio", "warrenP50us", "bareP50us");
    figures.ratio("p99Ratio", "warrenP99us", "bareP99us");
    figures.print();
  }

  private static void pingPong(Figures figures, int round, String name, long[] nanos) {
    if (round >= 0) {
      Arrays.sort(nanos);
      figures.add(name + "P50us", nanos[nanos.length / 2] / 1e3);
      figures.add(name + "P99us", nanos[nanos.length * 99 / 100] / 1e3);
    }
  }

  // ---- handshakes ----

  private void handshakes() throws Exception {
    Figures figures = new Figures("handshakes", json);
    try (Child bareServer = server(PLAIN, "bare");
        Child warrenServer = server(PLAIN, "warren");
        Stack bare = Stack.of("bare", List.of());
        Stack warren = Stack.of("warren", List.of())) {
      String bareAddress = bareServer.read();
      String warrenAddress = warrenServer.read();
      for (int round = -HANDSHAKE_WARM_UP; round < rounds; round++) {
        for (int inFlight : new int[] {1, 32}) {
          handshakes(figures, round, "bare", bareServer, bare, bareAddress, inFlight);
          handshakes(figures, round, "warren", warrenServer, warren, warrenAddress, inFlight);
        }
      }
    }
    figures.ratio("sequentialRatio", "warrenPerS1", "barePerS1");
    figures.ratio("inFlight32Ratio", "warrenPerS32", "barePerS32");
    figures.print();
  }

  private static void handshakes(
      Figures figures,
      int round,
      String name,
      Child server,
      Stack stack,
      String address,
      int inFlight)
      throws Exception {
    double own = Machine.ownCpuSeconds();
    double served = server.cpuSeconds();
    double perS = handshakes(stack, address, inFlight);
    if (round >= 0) {
      int count = count(inFlight);
      figures.add(name + "PerS" + inFlight, perS);
      figures.add(name + "DiallingCpuMs" + inFlight, (Machine.ownCpuSeconds() - own) * 1e3 / count);
      figures.add(name + "ServingCpuMs" + inFlight, (server.cpuSeconds() - served) * 1e3 / count);
    }
  }

  private static int count(int inFlight) {
    return inFlight == 1 ? 300 : 960;
  }

  private static double handshakes(Stack stack, String address, int inFlight) throws Exception {
    int count = count(inFlight);
    ExecutorService threads = Executors.newFixedThreadPool(inFlight);
    long start = System.nanoTime();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int t = 0; t < inFlight; t++) {
      all.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (int i = 0; i < count / inFlight; i++) {
                    stack.dial(address).close();
                  }
                } catch (Exception e) {
                  throw new CompletionException(e);
                }
              },
              threads));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(5, TimeUnit.MINUTES);
    threads.shutdown();
    return count / ((System.nanoTime() - start) / 1e9);
  }

  // ---- memory ----

  private void memory() throws Exception {
    Figures figures = new Figures("memory", json);
    int measured = Math.min(rounds, 3);
    for (int round = 0; round < measured; round++) {
      for (String name : List.of("bare", "warren")) {
        try (Child server = server(STILL, name)) {
          String address = server.read();
          try (Child dialling =
              Child.start(STILL, List.of("hold", name, address, String.valueOf(connections)))) {
            long diallingBefore = Long.parseLong(dialling.read());
            long servingBefore = Long.parseLong(server.ask("memory"));
            dialling.read();
            figures.add(
                name + "ServingKib",
                (Long.parseLong(server.ask("memory")) - servingBefore) / 1024.0 / connections);
            figures.add(
                name + "DiallingKib",
                (Long.parseLong(dialling.ask("memory")) - diallingBefore) / 1024.0 / connections);
          }
        }
      }
    }
    figures.result(
        "servingExtraKib", figures.median("warrenServingKib") - figures.median("bareServingKib"));
    figures.result(
        "diallingExtraKib",
        figures.median("warrenDiallingKib") - figures.median("bareDiallingKib"));
    figures.print();
  }

  // ---- relay ----

  private void relay() throws Exception {
    Figures figures = new Figures("relay", json);
    try (Child relay = Child.start(PLAIN, List.of("serve-relay"))) {
      String url = relay.read();
      try (Child server = server(PLAIN, "warren", url);
          Stack warren = Stack.of("warren", List.of(url));
          Stack.Link link = warren.dial(server.read())) {
        for (int round = -2; round < rounds; round++) {
          double cpu = relay.cpuSeconds();
          double ends = Machine.ownCpuSeconds() + server.cpuSeconds();
          long start = System.nanoTime();
          link.bulk(mib * MIB, 1);
          double spent = (System.nanoTime() - start) / 1e9;
          if (round >= 0) {
            figures.add("mibPerS", mib / spent);
            figures.add("relayCpuSPerGb", (relay.cpuSeconds() - cpu) / (mib * MIB / GB));
            figures.add(
                "endsCpuSPerGb",
                (Machine.ownCpuSeconds() + server.cpuSeconds() - ends) / (mib * MIB / GB));
          }
        }
      }
    }
    figures.print();
  }

  // ---- idle ----

  private void idle() throws Exception {
    Figures figures = new Figures("idle", json);
    List<Child> all = new ArrayList<>();
    try {
      for (String name : List.of("bare", "warren")) {
        Child server = server(PLAIN, name);
        all.add(server);
        Child dialling = Child.start(PLAIN, List.of("hold", name, server.read(), "0"));
        all.add(dialling);
        dialling.read();
        dialling.read();
      }
      // What a JVM does after its start is not the endpoint's doing.
      TimeUnit.SECONDS.sleep(5);
      double[] before = all.stream().mapToDouble(Child::cpuSeconds).toArray();
      TimeUnit.SECONDS.sleep(seconds);
      List<String> names =
          List.of("bareServing", "bareDialling", "warrenServing", "warrenDialling");
      for (int i = 0; i < before.length; i++) {
        double share = (all.get(i).cpuSeconds() - before[i]) / seconds;
        figures.add(names.get(i) + "Percent", share * 100);
      }
    } finally {
      for (Child child : all) {
        child.close();
      }
    }
    figures.print();
  }
}
