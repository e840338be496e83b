package dev.warren.relay.client.io;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** TLS towards a host whose name must be in its certificate. Stateless. */
final class ClientTls {
  private ClientTls() {}

  /** {@code host} without a final dot: SNI and the check of the name want it so. */
  static SslHandler handler(SslContext context, ByteBufAllocator alloc, String host, int port) {
    SSLEngine engine = context.newEngine(alloc, host, port);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    SslHandler handler = new SslHandler(engine);
    handler.setHandshakeTimeoutMillis(0); // the whole dial has a limit
    return handler;
  }

  /** What a failed handshake means and what to do about it. */
  static String explain(Throwable failure, String host) {
    String last = "";
    int depth = 0;
    for (Throwable f = failure; f != null && depth < 10; f = f.getCause(), depth++) {
      if (f instanceof NotSslRecordException) {
        return host + " does not speak TLS on this port; an http:// URL would fit it";
      }
      if (f instanceof CertificateExpiredException
          || f instanceof CertificateNotYetValidException) {
        return "the certificate of " + host + " is not valid today: " + f.getMessage();
      }
      if (f instanceof CertPathBuilderException || f instanceof CertPathValidatorException) {
        return "the certificate of "
            + host
            + " is signed by nobody whom we trust; name its authority by --relay-ca FILE"
            + " (RelayTrust.caFile)";
      }
      if (f instanceof ClosedChannelException) {
        return host + " closed the connection";
      }
      last = String.valueOf(f.getMessage());
    }
    boolean name = failure.getCause() instanceof CertificateException && last.contains("No ");
    return (name ? "the certificate is not one of " + host + ": " : "") + Shown.line(last);
  }
}
