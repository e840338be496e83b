package dev.warren.serving.certificates;

import dev.warren.serving.tls.ServerTls;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server's TLS runs with at this moment. Contexts are replaced as a whole: a connection
 * keeps the one that it began with. Any thread.
 */
public interface Certificates extends AutoCloseable {
  /** For a new connection; null while there is no certificate yet. */
  @Nullable SslContext current();

  /** The server's own certificate in {@link #current}; null while there is none yet. */
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

  /** The server listens: begins to watch, or to renew. Once. */
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
  static Certificates open(ServerTls tls) throws IOException {
    return open(tls, List.of());
  }

  /**
   * Opens a source.
   *
   * @param protocols for ALPN, the best first; a client that offers none of them, or no ALPN, is
   *     served without
   * @throws IOException if its files cannot be used; the message says which and why
   */
  static Certificates open(ServerTls tls, List<String> protocols) throws IOException {
    if (tls instanceof ServerTls.Files files) {
      return FileCertificates.open(files, protocols);
    }
    if (tls instanceof ServerTls.SelfSigned selfSigned) {
      Identity identity = SelfSigned.forNames(selfSigned.names());
      return new FixedCertificates(identity.context(protocols), identity.leaf());
    }
    return AcmeCertificates.open(((ServerTls.Acme) tls).options(), protocols);
  }
}
