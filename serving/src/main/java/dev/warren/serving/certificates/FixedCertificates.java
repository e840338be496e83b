package dev.warren.serving.certificates;

import io.netty.handler.ssl.SslContext;
import java.security.cert.X509Certificate;
import java.util.Map;

/** One certificate that never changes. */
record FixedCertificates(SslContext current, X509Certificate leaf) implements Certificates {
  @Override
  public Map<String, Long> counters() {
    return Map.of();
  }
}
