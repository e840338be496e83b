package dev.warren.relay.client;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/** Whose signature a relay's TLS certificate needs. Immutable. */
public final class RelayTrust {
  private final SslContext context;

  private RelayTrust(SslContextBuilder builder) {
    try {
      this.context = builder.sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2").build();
    } catch (SSLException e) {
      throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /** The certificate authorities of the JDK. */
  public static RelayTrust system() {
    return new RelayTrust(SslContextBuilder.forClient());
  }

  /** The certificates in a PEM file, and no others. */
  public static RelayTrust caFile(Path pem) throws IOException {
    if (!Files.isReadable(pem)) {
      throw new IOException("the relay CA file " + pem + " cannot be read");
    }
    try {
      return new RelayTrust(SslContextBuilder.forClient().trustManager(pem.toFile()));
    } catch (IllegalArgumentException e) {
      throw new IOException("the relay CA file " + pem + " holds no certificate");
    }
  }

  SslContext context() {
    return context;
  }
}
