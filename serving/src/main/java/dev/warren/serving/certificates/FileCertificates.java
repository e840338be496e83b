package dev.warren.serving.certificates;

import dev.warren.serving.tls.ServerTls;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate in files that are looked at again and again. Polled, since watch services miss what
 * happens behind symbolic links and on network file systems, where certificates like to lie.
 */
final class FileCertificates implements Certificates {
  private static final Logger LOG = LoggerFactory.getLogger(FileCertificates.class);

  /** Two calls of {@code stat}; a certificate that is five seconds late harms nobody. */
  private static final int POLL_SECONDS = 5;

  private final ServerTls.Files files;
  private final List<String> protocols;
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "warren-certificates");
            thread.setDaemon(true);
            return thread;
          });
  private final ReentrantLock loading = new ReentrantLock();
  private final LongAdder reloads = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile FixedCertificates current;
  private String seen;
  private @Nullable String complaint;

  private FileCertificates(ServerTls.Files files, List<String> protocols) throws IOException {
    this.files = files;
    this.protocols = protocols;
    this.seen = fingerprint();
    this.current = load();
  }

  static FileCertificates open(ServerTls.Files files, List<String> protocols) throws IOException {
    return new FileCertificates(files, protocols);
  }

  @Override
  public void start() {
    poller.scheduleWithFixedDelay(this::poll, POLL_SECONDS, POLL_SECONDS, TimeUnit.SECONDS);
  }

  /** Loads again if the files look different from when they were last loaded. */
  private void poll() {
    try {
      loading.lock();
      try {
        String found = fingerprint();
        if (!found.equals(seen)) {
          replace(found);
        }
      } finally {
        loading.unlock();
      }
    } catch (IOException | RuntimeException e) {
      complain(e);
    }
  }

  @Override
  public void reload() throws IOException {
    loading.lock();
    try {
      replace(fingerprint());
    } catch (IOException e) {
      failures.increment();
      throw e;
    } finally {
      loading.unlock();
    }
  }

  /** Remembers the files only once they could be used: a half-written one is tried again. */
  private void replace(String found) throws IOException {
    current = load();
    seen = found;
    complaint = null;
    reloads.increment();
  }

  private FixedCertificates load() throws IOException {
    Identity identity = Pem.identity(files.chainPem(), files.keyPem());
    X509Certificate leaf = identity.leaf();
    if (leaf.getNotAfter().toInstant().isBefore(Instant.now())) {
      LOG.warn("the certificate in {} expired at {}", files.chainPem(), leaf.getNotAfter());
    }
    SslContext context = identity.context(protocols);
    LOG.info(
        "serving the certificate in {}: {}, valid until {}",
        files.chainPem(),
        leaf.getSubjectX500Principal(),
        leaf.getNotAfter().toInstant());
    return new FixedCertificates(context, leaf);
  }

  /** Counts every failure, tells each kind once. */
  private void complain(Exception e) {
    failures.increment();
    String message = String.valueOf(e.getMessage());
    if (!message.equals(complaint)) {
      complaint = message;
      LOG.warn("the new certificate cannot be used, the old one stays: {}", message);
    }
  }

  /** Changes when a file is written, replaced, or a link to it is turned. */
  private String fingerprint() throws IOException {
    return stamp(files.chainPem()) + "|" + stamp(files.keyPem());
  }

  private static String stamp(Path file) throws IOException {
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return a.lastModifiedTime() + " " + a.size() + " " + a.fileKey();
    } catch (IOException e) {
      throw new IOException(file + " does not exist or cannot be read", e);
    }
  }

  @Override
  public SslContext current() {
    return current.current();
  }

  @Override
  public X509Certificate leaf() {
    return current.leaf();
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("tls_reloads", reloads.sum(), "tls_reload_failures", failures.sum());
  }

  @Override
  public void close() {
    poller.shutdownNow();
  }
}
