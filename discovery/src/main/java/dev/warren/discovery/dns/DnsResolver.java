package dev.warren.discovery.dns;

import dev.warren.discovery.io.HttpClient;
import dev.warren.discovery.io.ProxyAddress;
import dev.warren.discovery.io.SharedLoop;
import dev.warren.discovery.io.Tls;
import dev.warren.discovery.logic.AnswerCache;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * Asks name servers: the system's, or those that it was given, in clear, in TLS or in HTTPS.
 * Answers are remembered for as long as they say, at most five minutes; that something does not
 * exist is not.
 *
 * <p>Any thread; nothing blocks. All resolvers of the process share one thread, which ends with the
 * last of them. Only names of DoT and DoH servers, and the system's settings, are read on the
 * builder's executor.
 */
public final class DnsResolver implements AutoCloseable {
  private final List<NameServer> configured;
  private final Executor blocking;
  private final SharedLoop share = SharedLoop.acquire();
  private final DnsTransport transport;
  private final Duration timeout;
  private final DnsCounters counters = new DnsCounters();
  private final ReentrantLock lock = new ReentrantLock();
  private final AnswerCache cache = new AnswerCache();
  private final Set<DnsLookup> running = ConcurrentHashMap.newKeySet();
  private @Nullable CompletableFuture<List<NameServer>> systemServers;
  private int networks;
  private volatile boolean closed;

  private DnsResolver(Builder builder, Executor blocking) {
    this.configured = List.copyOf(builder.servers);
    this.blocking = blocking;
    this.timeout = builder.timeout;
    Tls tls = Tls.of(builder.tls);
    this.transport =
        new DnsTransport(
            share.loop(),
            blocking,
            tls,
            new HttpClient(share.loop(), blocking, tls, builder.proxy),
            counters);
  }

  /** One that asks the system's servers. */
  public static DnsResolver system() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * The records of one type under a name, or under the name that it is an alias of. Empty if there
   * are none, whether or not the name exists. Fails with an {@link IOException} that lists the
   * servers with what became of each, within the resolver's timeout. Cancelling ends it.
   *
   * @param name taken as absolute: search lists do not apply
   */
  public CompletableFuture<List<Record>> lookup(Name name, int type) {
    return lookup(name, type, 0);
  }

  /**
   * Begins with the server of that number, so that attempts at the same time ask different ones.
   */
  CompletableFuture<List<Record>> lookup(Name name, int type, int first) {
    Name absolute = absolute(name);
    CompletableFuture<List<Record>> result = new CompletableFuture<>();
    List<Record> remembered = remembered(absolute, type);
    int network = network();
    if (closed) {
      result.completeExceptionally(new IOException("the DNS resolver is closed"));
    } else if (remembered != null) {
      counters.cached.increment();
      result.complete(remembered);
    } else {
      DnsLookup lookup = new DnsLookup(transport, counters, absolute, type, timeout, result);
      running.add(lookup);
      result.whenComplete(
          (records, error) -> {
            running.remove(lookup);
            if (error == null) {
              remember(absolute, type, records, network);
            }
          });
      try {
        lookup.limit(share.loop(), timeout);
      } catch (RejectedExecutionException e) {
        lookup.close();
      }
      servers().whenComplete((servers, error) -> lookup.start(servers, error, first));
      if (closed) {
        lookup.close();
      }
    }
    return result;
  }

  private static Name absolute(Name name) {
    try {
      return name.isAbsolute() ? name : Name.concatenate(name, Name.root);
    } catch (org.xbill.DNS.NameTooLongException e) {
      throw new IllegalArgumentException("the name is too long: " + name, e);
    }
  }

  private @Nullable List<Record> remembered(Name name, int type) {
    lock.lock();
    try {
      return cache.get(name, type, System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private int network() {
    lock.lock();
    try {
      return networks;
    } finally {
      lock.unlock();
    }
  }

  /** Unless the network has changed since the question. */
  private void remember(Name name, int type, List<Record> records, int network) {
    lock.lock();
    try {
      if (network == networks) {
        cache.put(name, type, records, System.nanoTime());
      }
    } finally {
      lock.unlock();
    }
  }

  private CompletableFuture<List<NameServer>> servers() {
    if (!configured.isEmpty()) {
      return CompletableFuture.completedFuture(configured);
    }
    CompletableFuture<List<NameServer>> reading;
    lock.lock();
    try {
      if (systemServers != null && !systemServers.isCompletedExceptionally()) {
        return systemServers;
      }
      reading = new CompletableFuture<>();
      systemServers = reading;
    } finally {
      lock.unlock();
    }
    readSystemServers(reading);
    return reading;
  }

  private void readSystemServers(CompletableFuture<List<NameServer>> reading) {
    try {
      blocking.execute(
          () -> {
            try {
              reading.complete(SystemServers.read());
            } catch (IOException | RuntimeException e) {
              reading.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      reading.completeExceptionally(e);
    }
  }

  /** Forgets all answers, and reads the system's settings again before the next question. */
  public void networkChanged() {
    lock.lock();
    try {
      networks++;
      cache.clear();
      systemServers = null;
    } finally {
      lock.unlock();
    }
  }

  /** Counters by name, for metrics pages. */
  public Map<String, Long> metrics() {
    return counters.asMap();
  }

  EventLoop loop() {
    return share.loop();
  }

  /** Ends all lookups, which fail. Idempotent, any thread; takes a second at most. */
  @Override
  public void close() {
    closed = true;
    running.forEach(DnsLookup::close);
    share.close();
  }

  /** Settings of a {@link DnsResolver}. Not thread-safe. */
  public static final class Builder {
    /** Of iroh 1.x (discovery section 6); 0.35 waits a second. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final List<NameServer> servers = new ArrayList<>();
    private Duration timeout = TIMEOUT;
    private @Nullable Executor executor;
    private @Nullable SSLContext tls;
    private @Nullable ProxyAddress proxy;

    private Builder() {}

    private static Thread daemon(Runnable task) {
      Thread thread = new Thread(task, "warren-discovery-host-names");
      thread.setDaemon(true);
      return thread;
    }

    /** Asks this server, and those added before it, instead of the system's. */
    public Builder server(NameServer server) {
      servers.add(server);
      return this;
    }

    /** Limit of one lookup; 3 s by default. */
    public Builder timeout(Duration limit) {
      this.timeout = limit;
      return this;
    }

    /** Runs what blocks: system settings and names of servers. A thread for each by default. */
    public Builder executor(Executor blocking) {
      this.executor = blocking;
      return this;
    }

    /** Whom to trust in TLS and HTTPS; the JDK's authorities by default. */
    public Builder tls(SSLContext context) {
      this.tls = context;
      return this;
    }

    /**
     * Trusts the certificates in a PEM file, and no others.
     *
     * @throws IOException if it cannot be read, or holds none
     */
    public Builder caFile(Path pem) throws IOException {
      return tls(Tls.caFile(pem));
    }

    /**
     * The proxy for questions over HTTPS: {@code http://[user:password@]host[:port]}.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public Builder proxy(String url) {
      this.proxy = ProxyAddress.parse(url);
      return this;
    }

    public DnsResolver build() {
      return buildWith(task -> daemon(task).start());
    }

    /** With {@code blocking} unless another executor was set. */
    DnsResolver buildWith(Executor blocking) {
      return new DnsResolver(this, executor == null ? blocking : executor);
    }
  }
}
