package dev.warren.benchmarks;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.MemoryDiscovery;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.dns.DnsDiscovery;
import dev.warren.discovery.dns.DnsResolver;
import dev.warren.discovery.dns.NameServer;
import dev.warren.discovery.pkarr.PkarrResolver;
import dev.warren.discovery.wire.TxtRecords;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * How long a lookup takes until its first address, beside the calls of a library that bring the
 * same: dnsjava's resolver, the JDK's HTTP client and a check of the signature. Both in turn, one
 * lookup after the other, at the same servers in this process.
 */
final class DiscoveryFigures {
  private static final int WARM_UP = 1000;
  private static final int LOOKUPS = 500;
  private static final int LIMIT_S = 10;
  private static final String ORIGIN = "dns.example.";

  private final SecretKey key = SecretKey.generate();
  private final NodeId id = key.nodeId();
  private final int rounds;
  private final Figures figures;
  private final ExecutorService executor = Executors.newCachedThreadPool(DiscoveryFigures::daemon);
  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(DiscoveryFigures::daemon);

  DiscoveryFigures(boolean json, int rounds) {
    this.rounds = rounds;
    this.figures = new Figures("discovery", json);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    return thread;
  }

  /** One lookup of the library. */
  private interface Bare {
    void lookUp() throws Exception;
  }

  void measure() throws Exception {
    TxtRecords records =
        TxtRecords.of(
            List.of(new TransportAddr.Relay(RelayUrl.parse("https://relay.example/"))), null);
    try (LookupServers servers =
        new LookupServers(records, key, TxtRecords.owner(id, Name.fromConstantString(ORIGIN)))) {
      dns(servers.dns());
      pkarr(servers.pkarr());
      memory(records);
    } finally {
      executor.shutdownNow();
      timers.shutdownNow();
    }
    figures.print();
  }

  private DiscoveryContext context() {
    return new DiscoveryContext(
        key, List.of(new InetSocketAddress("127.0.0.1", 1)), executor, timers);
  }

  private void dns(InetSocketAddress server) throws Exception {
    SimpleResolver library = new SimpleResolver(server);
    Name owner = TxtRecords.owner(id, Name.fromConstantString(ORIGIN));
    Bare bare =
        () -> {
          Message query = Message.newQuery(Record.newRecord(owner, Type.TXT, DClass.IN));
          Message answer = library.send(query);
          if (!(answer.getSection(Section.ANSWER).get(0) instanceof TXTRecord)) {
            throw new IOException("no TXT record");
          }
        };
    DnsResolver.Builder resolver = DnsResolver.builder().server(new NameServer.Plain(server));
    try (Discovery warren = DnsDiscovery.builder(ORIGIN).resolver(resolver).create(context())) {
      compare("dns", bare, warren);
    }
  }

  private void pkarr(URI relay) throws Exception {
    HttpClient library = HttpClient.newHttpClient();
    HttpRequest request = HttpRequest.newBuilder(URI.create(relay + "/" + id.toZ32())).build();
    Bare bare =
        () -> {
          byte[] payload = library.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
          if (!id.verify(signed(payload), Arrays.copyOf(payload, 64))) {
            throw new IOException("no packet");
          }
        };
    try (Discovery warren = PkarrResolver.builder(relay).create(context())) {
      compare("pkarr", bare, warren);
    }
  }

  /** The library here is a map. */
  private void memory(TxtRecords records) throws Exception {
    EndpointData data = new EndpointData(records.addrs(), records.userData());
    Map<NodeId, EndpointData> library = new ConcurrentHashMap<>(Map.of(id, data));
    Bare bare =
        () -> {
          if (library.get(id) == null) {
            throw new IOException("no data");
          }
        };
    MemoryDiscovery warren = new MemoryDiscovery();
    warren.set(id, data);
    compare("static", bare, warren);
  }

  private static byte[] signed(byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload).position(64);
    String prefix = "3:seqi" + Long.toUnsignedString(in.getLong()) + "e1:v" + in.remaining() + ":";
    byte[] all = Arrays.copyOf(prefix.getBytes(), prefix.length() + in.remaining());
    in.get(all, prefix.length(), in.remaining());
    return all;
  }

  private void compare(String name, Bare bare, Discovery warren) throws Exception {
    times(bare, warren, WARM_UP, new double[2][WARM_UP]);
    for (int round = 0; round < rounds; round++) {
      double[][] ms = new double[2][LOOKUPS];
      times(bare, warren, LOOKUPS, ms);
      figures.add(name + ".bareMs", median(ms[0]));
      figures.add(name + ".warrenMs", median(ms[1]));
    }
    figures.result(
        name + ".overMs", figures.median(name + ".warrenMs") - figures.median(name + ".bareMs"));
  }

  private void times(Bare bare, Discovery warren, int count, double[][] ms) throws Exception {
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      bare.lookUp();
      ms[0][i] = (System.nanoTime() - start) / 1e6;
      start = System.nanoTime();
      lookUp(warren);
      ms[1][i] = (System.nanoTime() - start) / 1e6;
    }
  }

  private void lookUp(Discovery warren) throws Exception {
    CompletableFuture<DiscoveryItem> first = new CompletableFuture<>();
    warren.resolve(
        id,
        new ResolveSink() {
          @Override
          public void found(DiscoveryItem item) {
            first.complete(item);
          }

          @Override
          public void done() {
            first.completeExceptionally(new IOException("nothing found"));
          }

          @Override
          public void failed(Throwable cause) {
            first.completeExceptionally(cause);
          }
        });
    first.get(LIMIT_S, TimeUnit.SECONDS);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
