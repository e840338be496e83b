package dev.warren.relay.server.certificates;

import io.netty.handler.ssl.SslContext;
import java.util.Map;

/** One certificate that never changes. */
record FixedCertificates(SslContext current) implements Certificates {
  @Override
  public Map<String, Long> counters() {
    return Map.of();
  }
}
