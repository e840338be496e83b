package dev.warren.benchmarks;

import dev.warren.dns.server.DnsServer;
import dev.warren.dns.server.store.file.FilePacketStore;
import dev.warren.dns.server.zone.Origins;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The DNS server asked by dnsperf (Debian's package of that name) over loopback, on whatever cores
 * both of them share. The server is a process of its own with a store on the disk.
 */
final class QueryFigures {
  private static final String ORIGIN = "bench.example";

  /** Addresses' worth of senders, so that a server with several sockets can use them all. */
  private static final int CLIENTS = 20;

  /** Below what the server's socket keeps: what is measured is the rate, not the loss. */
  private static final int OUTSTANDING = 200;

  private static final Pattern RATE = Pattern.compile("Queries per second:\\s+([0-9.]+)");
  private static final Pattern LOST = Pattern.compile("Queries lost:\\s+([0-9]+)");
  private static final Pattern ANSWERED = Pattern.compile("Response codes:\\s+NOERROR ([0-9]+) ");
  private static final Pattern EACH = Pattern.compile("^> NOERROR \\S+ \\S+ ([0-9.]+)$");

  private final boolean json;
  private final int rounds;
  private final Path directory;

  QueryFigures(boolean json, int rounds, Path directory) {
    this.json = json;
    this.rounds = rounds;
    this.directory = directory;
  }

  /** Asks for the TXT records of {@code keys} keys in random order. */
  void queries(int keys, int seconds) throws Exception {
    Figures figures = new Figures("dns-queries", json);
    StoreFigures.clear(directory);
    Path names = directory.resolve("queries");
    Files.write(names, names(keys));
    try (Child server =
        Child.start(
            Benchmarks.PLAIN, List.of("serve-dns", directory.toString(), Integer.toString(keys)))) {
      String port = server.read();
      // Once through all keys: afterwards they are in the server's memory.
      dnsperf(port, names, "-n", "1");
      dnsperf(port, names, "-l", Integer.toString(seconds));
      for (int round = 0; round < rounds; round++) {
        double cpu = server.cpuSeconds();
        List<String> said = dnsperf(port, names, "-l", Integer.toString(seconds));
        double answered = find(ANSWERED, said);
        figures.add("answersPerS", find(RATE, said));
        figures.add("lost", find(LOST, said));
        figures.add("serverCpuUsPerAnswer", (server.cpuSeconds() - cpu) * 1e6 / answered);
      }
      String half = Integer.toString((int) (figures.median("answersPerS") / 2));
      for (int round = 0; round < rounds; round++) {
        List<String> said = dnsperf(port, names, "-l", Integer.toString(seconds), "-Q", half, "-v");
        double[] sorted = latencies(said).sorted().toArray();
        figures.add("halfRateLost", find(LOST, said));
        figures.add("halfRateP50Ms", sorted[sorted.length / 2] * 1e3);
        figures.add("halfRateP99Ms", sorted[(int) (sorted.length * 0.99)] * 1e3);
      }
    }
    StoreFigures.clear(directory);
    figures.print();
  }

  private static List<String> names(int keys) {
    List<String> names =
        IntStream.range(0, keys)
            .parallel()
            .mapToObj(i -> "_iroh." + StoredPackets.id(i).toZ32() + "." + ORIGIN + " TXT")
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.shuffle(names, new Random(7));
    return names;
  }

  private static List<String> dnsperf(String port, Path names, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("dnsperf", "-s", "127.0.0.1", "-p", port, "-d", names.toString()));
    command.addAll(List.of("-c", "" + CLIENTS, "-q", "" + OUTSTANDING));
    command.addAll(Arrays.asList(more));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException("dnsperf is needed (Debian: apt install dnsperf)", e);
    }
    List<String> said = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
      }
    }
    if (process.waitFor() != 0) {
      throw new IOException("dnsperf: " + String.join("\n", said));
    }
    return said;
  }

  private static double find(Pattern pattern, List<String> said) throws IOException {
    for (String line : said) {
      Matcher found = pattern.matcher(line);
      if (found.find()) {
        return Double.parseDouble(found.group(1));
      }
    }
    throw new IOException("dnsperf does not say " + pattern + ":\n" + String.join("\n", said));
  }

  private static DoubleStream latencies(List<String> said) {
    return said.stream()
        .map(EACH::matcher)
        .filter(Matcher::find)
        .mapToDouble(found -> Double.parseDouble(found.group(1)));
  }

  /** The server's process: prints its port when every key is stored. */
  static void serve(Path directory, int keys) throws Exception {
    FilePacketStore store = FilePacketStore.open(directory.resolve("packets"));
    StoreFigures.store(store, keys, IntStream.range(0, keys), 0);
    try (store;
        DnsServer server =
            DnsServer.builder()
                .origins(Origins.of(ORIGIN))
                .dns(new InetSocketAddress("127.0.0.1", 0))
                .store(store)
                .bind()) {
      System.out.println(server.dnsAddress().getPort());
      Benchmarks.untilClosed();
    }
  }
}
