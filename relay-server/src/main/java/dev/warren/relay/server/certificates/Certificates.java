package dev.warren.relay.server.certificates;

import dev.warren.relay.server.tls.RelayTls;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a relay's TLS runs with at this moment. Contexts are replaced as a whole: a connection keeps
 * the one that it began with. Any thread.
 */
public interface Certificates extends AutoCloseable {
  /** For a new connection; null while there is no certificate yet. */
  @Nullable SslContext current();

  /** The relay's own certificate in {@link #current}; null while there is none yet. */
  @Nullable X509Certificate leaf();

  /**
   * For a client that offers the protocol of ACME's check; null if nobody is checking that name.
   *
   * @param serverName in lower case
   */
  default @Nullable SslContext challenge(String serverName) {
    return null;
  }

  /** Whether {@link #challenge} has ever an answer, so that greetings have to be looked at. */
  default boolean answersChallenges() {
    return false;
  }

  /**
   * Looks for a new certificate now instead of at the next regular time; waits for it.
   *
   * @throws IOException if what is there cannot be used; the certificate in use stays
   */
  default void reload() throws IOException {}

  /** The relay listens: begins to watch, or to renew. Once. */
  default void start() {}

  /** Counters by name. */
  Map<String, Long> counters();

  /** Stops what watches or renews; what is in use stays usable. Idempotent. */
  @Override
  default void close() {}

  /**
   * Opens a source.
   *
   * @throws IOException if its files cannot be used; the message says which and why
   */
  static Certificates open(RelayTls tls) throws IOException {
    if (tls instanceof RelayTls.Files files) {
      return FileCertificates.open(files);
    }
    if (tls instanceof RelayTls.SelfSigned selfSigned) {
      Identity identity = SelfSigned.forNames(selfSigned.names());
      return new FixedCertificates(identity.context(), identity.leaf());
    }
    return AcmeCertificates.open(((RelayTls.Acme) tls).options());
  }
}
