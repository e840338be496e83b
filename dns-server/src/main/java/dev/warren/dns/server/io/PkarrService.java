package dev.warren.dns.server.io;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.SignedPacketException;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.logic.PutRates;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.Upsert;
import dev.warren.dns.server.wire.HttpAnswer;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code PUT} and {@code GET} of signed packets (dns-server sections 4.1 and 4.2). Any thread. */
public final class PkarrService {
  private static final Logger LOG = LoggerFactory.getLogger(PkarrService.class);

  private static final String TYPE = "application/x-pkarr-signed-packet";
  private static final String RETRY = "retry-after";

  private final PacketStore store;
  private final Executor workers;
  private final ClientSource source;
  private final DnsCounters counters;
  private final PutRates rates = new PutRates();
  private volatile PutLimit limit;

  /**
   * @param workers check signatures; may refuse what they have no room for
   */
  public PkarrService(
      PacketStore store,
      Executor workers,
      ClientSource source,
      DnsCounters counters,
      PutLimit limit) {
    this.store = store;
    this.workers = workers;
    this.source = source;
    this.counters = counters;
    this.limit = limit;
  }

  /** Another limit from now on. */
  public void limit(PutLimit next) {
    limit = next;
  }

  CompletionStage<HttpAnswer> put(HttpExchange request, String key) {
    long wait = wait(request);
    if (wait > 0) {
      counters.publishLimited.increment();
      return CompletableFuture.completedFuture(tooMany(wait));
    }
    return onWorker(() -> stored(key, request.body()));
  }

  private long wait(HttpExchange request) {
    PutLimit now = limit;
    if (now == PutLimit.DISABLED) {
      return 0;
    }
    InetAddress from = now == PutLimit.SMART ? source.of(request) : request.address();
    return rates.take(from, System.nanoTime());
  }

  /** Whole seconds, rounded down as in the field. */
  private static HttpAnswer tooMany(long nanos) {
    String seconds = String.valueOf(TimeUnit.NANOSECONDS.toSeconds(nanos));
    return HttpAnswer.text(429, "Too Many Requests! Wait for " + seconds + "s")
        .with(RETRY, seconds)
        .with("x-ratelimit-after", seconds);
  }

  private CompletionStage<HttpAnswer> onWorker(Supplier<CompletionStage<HttpAnswer>> work) {
    CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
    try {
      workers.execute(
          () -> {
            try {
              work.get()
                  .whenComplete(
                      (done, failure) -> answer.complete(failure == null ? done : failed(failure)));
            } catch (RuntimeException e) {
              answer.complete(failed(e));
            }
          });
    } catch (RejectedExecutionException full) {
      counters.publishOverloaded.increment();
      answer.complete(overloaded());
    }
    return answer;
  }

  private CompletionStage<HttpAnswer> stored(String key, byte[] body) {
    SignedPacket packet;
    try {
      packet = SignedPacket.fromRelayPayload(NodeId.parseZ32(key), body);
    } catch (KeyParseException e) {
      return refused("invalid key: " + e.getMessage());
    } catch (SignedPacketException e) {
      return refused("invalid body payload: " + e.getMessage());
    }
    return store.upsert(packet).thenApply(this::stored);
  }

  private HttpAnswer stored(Upsert result) {
    (result == Upsert.UPDATED ? counters.publishUpdate : counters.publishNoop).increment();
    return HttpAnswer.empty(204);
  }

  private CompletionStage<HttpAnswer> refused(String why) {
    counters.publishRefused.increment();
    return CompletableFuture.completedFuture(HttpAnswer.error(400, why));
  }

  CompletionStage<HttpAnswer> get(String key) {
    return onWorker(() -> read(key));
  }

  private CompletionStage<HttpAnswer> read(String key) {
    NodeId id;
    try {
      id = NodeId.parseZ32(key);
    } catch (KeyParseException e) {
      return CompletableFuture.completedFuture(
          HttpAnswer.error(400, "invalid key: " + e.getMessage()));
    }
    return store
        .get(id)
        .thenApply(
            found ->
                found
                    .map(packet -> HttpAnswer.of(200, TYPE, packet.relayPayload()))
                    .orElseGet(() -> HttpAnswer.error(404, null)));
  }

  /** What the store says of its disk or database is for the log. */
  private HttpAnswer failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (isOverload(cause)) {
      counters.publishOverloaded.increment();
      return overloaded();
    }
    counters.publishFailed.increment();
    LOG.debug("a packet could not be stored or read", failure);
    return HttpAnswer.error(500, "the packet store failed: try again later");
  }

  private static boolean isOverload(@Nullable Throwable cause) {
    return cause instanceof StoreException e && e.reason() == StoreException.Reason.OVERLOADED;
  }

  private static HttpAnswer overloaded() {
    return HttpAnswer.error(503, "too many packets at once: try again").with(RETRY, "1");
  }
}
