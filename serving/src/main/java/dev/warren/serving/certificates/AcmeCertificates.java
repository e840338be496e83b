package dev.warren.serving.certificates;

import dev.warren.serving.logic.RenewalPlan;
import dev.warren.serving.tls.AcmeOptions;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate from an ACME authority: from the cache or ordered, and ordered anew in time. Until
 * the first is there, nobody can connect but the authority.
 */
final class AcmeCertificates implements Certificates {
  private static final Logger LOG = LoggerFactory.getLogger(AcmeCertificates.class);

  /** The protocol in which the authority checks a name (RFC 8737 section 6.2). */
  private static final String PROTOCOL = "acme-tls/1";

  /** How late a renewal may be: the wall clock may jump, so it is looked at again and again. */
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final AcmeOptions options;
  private final List<String> protocols;
  private final AcmeCache cache;
  private final RenewalPlan plan;
  private final Map<String, Identity> challenges = new ConcurrentHashMap<>();
  private final LongAdder orders = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "warren-acme");
            thread.setDaemon(true);
            return thread;
          });
  private volatile @Nullable FixedCertificates current;
  private volatile boolean closed;

  private AcmeCertificates(AcmeOptions options, List<String> protocols) throws IOException {
    this.options = options;
    this.protocols = protocols;
    this.cache = new AcmeCache(options);
    this.plan = new RenewalPlan(options.firstRetry());
  }

  /**
   * Takes what is in the cache.
   *
   * @throws IOException if the cache cannot be written, or acme4j is missing
   */
  static Certificates open(AcmeOptions options, List<String> protocols) throws IOException {
    try {
      Class.forName("org.shredzone.acme4j.Session");
      Class.forName("org.bouncycastle.pkcs.PKCS10CertificationRequest");
    } catch (ClassNotFoundException e) {
      throw new IOException(
          "ACME needs the libraries org.shredzone.acme4j:acme4j-client and"
              + " org.bouncycastle:bcpkix-jdk18on: add them to the class path",
          e);
    }
    AcmeCertificates opened = new AcmeCertificates(options, protocols);
    Identity cached = opened.cache.certificate().orElse(null);
    if (cached != null) {
      opened.use(cached);
    }
    return opened;
  }

  /** Not before the server listens, or the authority would find nobody. */
  @Override
  public void start() {
    long millis = Math.min(LOOK.toMillis(), options.firstRetry().toMillis());
    worker.scheduleWithFixedDelay(this::look, 0, Math.max(1, millis), TimeUnit.MILLISECONDS);
  }

  private void use(Identity identity) throws IOException {
    X509Certificate leaf = identity.leaf();
    current = new FixedCertificates(identity.context(protocols), leaf);
    plan.certified(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
    LOG.info(
        "serving a certificate for {}, valid until {}",
        options.names(),
        leaf.getNotAfter().toInstant());
  }

  /** On the worker; must not throw, or it would never be called again. */
  private void look() {
    if (!closed && plan.isDue(Instant.now(), System.nanoTime())) {
      orders.increment();
      try {
        Identity ordered = new AcmeOrder(options, challenges).order(cache.accountKey());
        use(ordered);
        cache.store(ordered);
      } catch (InterruptedException closing) {
        Thread.currentThread().interrupt();
      } catch (IOException | GeneralSecurityException | RuntimeException | LinkageError e) {
        if (!closed) {
          failures.increment();
          Duration wait = plan.failed(System.nanoTime());
          LOG.warn(
              "no certificate for {}: {}; next try in {} s",
              options.names(),
              e.getMessage(),
              wait.toSeconds());
        }
      }
    }
  }

  @Override
  public @Nullable SslContext current() {
    FixedCertificates now = current;
    return now == null ? null : now.current();
  }

  @Override
  public @Nullable X509Certificate leaf() {
    FixedCertificates now = current;
    return now == null ? null : now.leaf();
  }

  @Override
  public @Nullable SslContext challenge(String serverName) {
    Identity identity = challenges.get(serverName);
    try {
      return identity == null ? null : identity.context(List.of(PROTOCOL));
    } catch (IOException e) {
      LOG.warn("the check of {} cannot be answered: {}", serverName, e.getMessage());
      return null;
    }
  }

  @Override
  public boolean answersChallenges() {
    return true;
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("acme_orders", orders.sum(), "acme_failures", failures.sum());
  }

  @Override
  public void close() {
    closed = true;
    worker.shutdownNow();
  }
}
