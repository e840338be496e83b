package dev.warren.discovery.io;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS towards servers whose name, or address, must be in their certificate. Any thread. */
public final class Tls {
  private volatile @Nullable SSLContext context;

  private Tls(@Nullable SSLContext context) {
    this.context = context;
  }

  /** With that context, or with the certificate authorities of the JDK if it is null. */
  public static Tls of(@Nullable SSLContext context) {
    return new Tls(context);
  }

  /** Whether {@link #prepare} has nothing to do. */
  boolean isPrepared() {
    return context != null;
  }

  /**
   * Reads the authorities if they have not been read: a file of 150 certificates, which many
   * processes never need and no event loop should wait for.
   */
  void prepare() {
    context();
  }

  private SSLContext context() {
    SSLContext ready = context;
    if (ready == null) {
      try {
        ready = SSLContext.getDefault();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
      }
      context = ready;
    }
    return ready;
  }

  /**
   * The certificates in a PEM file, and no others.
   *
   * @throws IOException if it cannot be read, or holds none
   */
  public static SSLContext caFile(Path pem) throws IOException {
    if (!Files.isReadable(pem)) {
      throw new IOException("the CA file " + pem + " cannot be read");
    }
    try (InputStream in = Files.newInputStream(pem)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IOException("the CA file " + pem + " holds no certificate");
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (Certificate certificate : certificates) {
        store.setCertificateEntry("ca" + store.size(), certificate);
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (CertificateException e) {
      throw new IOException("the CA file " + pem + " holds no certificate", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /** {@code host} without a final dot: SNI and the check of the name want it so. */
  SslHandler handler(String host, int port) {
    SSLEngine engine = context().createSSLEngine(host, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    engine.setSSLParameters(parameters);
    SslHandler handler = new SslHandler(engine);
    handler.setHandshakeTimeoutMillis(0); // the whole exchange has a limit
    return handler;
  }

  /** What a failed handshake means and what to do about it. */
  static String explain(Throwable failure, String host) {
    String last = "";
    int depth = 0;
    for (Throwable f = failure; f != null && depth < 10; f = f.getCause(), depth++) {
      if (f instanceof NotSslRecordException) {
        return host + " does not speak TLS on this port";
      }
      if (f instanceof CertPathBuilderException || f instanceof CertPathValidatorException) {
        return "the certificate of "
            + host
            + " is signed by nobody whom we trust; name its authority by a CA file (caFile): "
            + Shown.line(String.valueOf(f.getMessage()));
      }
      if (f instanceof ClosedChannelException) {
        return host + " closed the connection";
      }
      last = String.valueOf(f.getMessage());
    }
    return Shown.line(last);
  }
}
