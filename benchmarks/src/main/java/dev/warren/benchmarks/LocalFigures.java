package dev.warren.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.local.LocalDiscovery;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Local discovery on the loopback interface: a lookup by a service that knows nobody yet, beside a
 * multicast query that dnsjava writes and that is answered at once.
 */
final class LocalFigures {
  private static final int PORT = 5353;
  private static final InetSocketAddress ADDRESS = SocketAddrs.parse("127.0.0.1:4433");

  /** Lookups of one round; the first round is thrown away. */
  private static final int LOOKUPS = 10;

  /** Between lookups: what a node may send is limited to ten messages a second. */
  private static final long PAUSE_MILLIS = 250;

  private final boolean json;

  LocalFigures(boolean json) {
    this.json = json;
  }

  private static Discovery service(SecretKey key, ScheduledExecutorService timers)
      throws IOException {
    return LocalDiscovery.factory()
        .create(
            new DiscoveryContext(
                key, List.of(SocketAddrs.parse("127.0.0.1:1")), Runnable::run, timers));
  }

  private static Discovery published(SecretKey key, ScheduledExecutorService timers)
      throws IOException {
    Discovery service = service(key, timers);
    service.publish(new EndpointData(List.of(new TransportAddr.Ip(ADDRESS)), Optional.empty()));
    return service;
  }

  /** Time to the first address. */
  void lookups(int rounds) throws Exception {
    Figures figures = new Figures("discovery-mdns", json);
    ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    SecretKey key = SecretKey.generate();
    try (Discovery known = published(key, timers);
        Bare bare = new Bare()) {
      for (int i = 0; i < (rounds + 1) * LOOKUPS; i++) {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        double bareMillis = bare.lookup();
        double warrenMillis;
        try (Discovery asking = service(SecretKey.generate(), timers)) {
          warrenMillis = lookup(asking, key.nodeId());
        }
        if (i >= LOOKUPS) {
          figures.add("bareMillis", bareMillis);
          figures.add("warrenMillis", warrenMillis);
        }
      }
    } finally {
      timers.shutdownNow();
    }
    figures.result("overBareMillis", figures.median("warrenMillis") - figures.median("bareMillis"));
    figures.print();
  }

  private static double lookup(Discovery asking, NodeId id) throws Exception {
    CompletableFuture<Long> found = new CompletableFuture<>();
    long start = System.nanoTime();
    asking.resolve(
        id,
        new ResolveSink() {
          @Override
          public void found(DiscoveryItem item) {
            found.complete(System.nanoTime());
          }

          @Override
          public void done() {
            failed(new IOException("nothing was found"));
          }

          @Override
          public void failed(Throwable cause) {
            found.completeExceptionally(cause);
          }
        });
    return (found.get(15, TimeUnit.SECONDS) - start) / 1e6;
  }

  /** What a node costs that nobody looks for; two of them are on the link. */
  void idle(int seconds) throws Exception {
    Figures figures = new Figures("discovery-mdns-idle", json);
    try (Child one = Child.start(Benchmarks.PLAIN, List.of("serve-mdns"));
        Child two = Child.start(Benchmarks.PLAIN, List.of("serve-mdns"))) {
      one.read();
      two.read();
      TimeUnit.SECONDS.sleep(10);
      long sent = Long.parseLong(one.ask("sent"));
      double cpu = one.cpuSeconds();
      TimeUnit.SECONDS.sleep(seconds);
      figures.add("packetsPerMinute", (Long.parseLong(one.ask("sent")) - sent) * 60.0 / seconds);
      figures.add("corePercent", (one.cpuSeconds() - cpu) / seconds * 100);
    }
    figures.print();
  }

  /** The process of {@link #idle}. */
  static void serve() throws Exception {
    ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    try (Discovery service = published(SecretKey.generate(), timers)) {
      service.subscribe(event -> {});
      System.out.println("ready");
      BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
      while (commands.readLine() != null) {
        System.out.println(service.metrics().get("sent"));
      }
    } finally {
      timers.shutdownNow();
    }
  }

  /** A query and its answer with nothing around them. */
  private static final class Bare implements AutoCloseable {
    private static final Name SERVICE = Name.fromConstantString("_bare._udp.local.");
    private static final Name HOST = Name.fromConstantString("bare.local.");

    private final InetSocketAddress group;
    private final DatagramChannel asking;
    private final DatagramChannel answering;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();

    Bare() throws IOException {
      byte[] ip = {(byte) 224, 0, 0, (byte) 251};
      group = new InetSocketAddress(InetAddress.getByAddress(ip), PORT);
      asking = open();
      answering = open();
      executor.execute(this::answer);
    }

    private DatagramChannel open() throws IOException {
      NetworkInterface loopback =
          NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
      DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      channel.bind(group);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
      channel.join(group.getAddress(), loopback);
      return channel;
    }

    private void answer() {
      try {
        while (true) {
          Message message = receive(answering);
          if (message.getQuestion() != null && message.getQuestion().getName().equals(SERVICE)) {
            Message answer = new Message(0);
            answer.addRecord(
                new SRVRecord(SERVICE, DClass.IN, 0, 0, 0, ADDRESS.getPort(), HOST),
                Section.ANSWER);
            answer.addRecord(
                new ARecord(HOST, DClass.IN, 0, ADDRESS.getAddress()), Section.ADDITIONAL);
            answering.send(ByteBuffer.wrap(answer.toWire()), group);
          }
        }
      } catch (ClosedChannelException e) {
        // The end.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Message receive(DatagramChannel channel) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(9000);
      channel.receive(buffer);
      buffer.flip();
      return new Message(buffer);
    }

    double lookup() throws IOException {
      // What others said in the meantime is not part of it.
      asking.configureBlocking(false);
      while (asking.receive(ByteBuffer.allocate(1)) != null) {}
      asking.configureBlocking(true);
      long start = System.nanoTime();
      Message query = Message.newQuery(Record.newRecord(SERVICE, Type.SRV, DClass.IN));
      asking.send(ByteBuffer.wrap(query.toWire()), group);
      while (true) {
        Message message = receive(asking);
        List<Record> answers = message.getSection(Section.ANSWER);
        if (!answers.isEmpty() && answers.get(0).getName().equals(SERVICE)) {
          return (System.nanoTime() - start) / 1e6;
        }
      }
    }

    @Override
    public void close() throws IOException {
      asking.close();
      answering.close();
      executor.shutdownNow();
    }
  }
}
