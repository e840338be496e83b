package dev.warren.serving.certificates;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.security.PrivateKey;
import java.util.Set;

/**
 * Whose TLS a server runs with. Native code where {@code io.netty:netty-tcnative-boringssl-static}
 * is on the class path, since Java's own first has to be compiled for a thousand handshakes: a
 * relay to which as many clients come right after its start spends 6 s of CPU with the one and 15 s
 * with the other (docs/benchmarks.md). Stateless.
 */
final class TlsProvider {
  /**
   * From this version on Java's own gives key material out, which the native one does not: with it
   * a relay's clients prove their id a round trip earlier.
   */
  private static final int EXPORTER_SINCE = 25;

  /** Netty's native server picks certificates by these, and would find none for an Ed25519 key. */
  private static final Set<String> KEYS = Set.of("EC", "RSA");

  private TlsProvider() {}

  static SslProvider of(PrivateKey key) {
    return of(key.getAlgorithm(), Runtime.version().feature(), OpenSsl.isAvailable());
  }

  static SslProvider of(String key, int java, boolean isNativeThere) {
    return isNativeThere && java < EXPORTER_SINCE && KEYS.contains(key)
        ? SslProvider.OPENSSL
        : SslProvider.JDK;
  }
}
