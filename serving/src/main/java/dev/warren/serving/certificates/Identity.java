package dev.warren.serving.certificates;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * A key and the chain that certifies it, the key's own certificate first. Immutable.
 *
 * @param chain not empty
 */
record Identity(PrivateKey key, List<X509Certificate> chain) {
  /** What rustls, on the other side of most connections, has too; forward secrecy and AEAD only. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  Identity {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("no certificate");
    }
  }

  X509Certificate leaf() {
    return chain.get(0);
  }

  /**
   * @throws IOException if the key is not that of the first certificate
   */
  Identity checked() throws IOException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    byte[] probe = "which key is it?".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(leaf().getPublicKey());
      verifier.update(probe);
      if (verifier.verify(signature)) {
        return this;
      }
    } catch (GeneralSecurityException otherKindOfKey) {
      // The one message below.
    }
    throw new IOException(
        "the key is not that of the first certificate in the chain, "
            + leaf().getSubjectX500Principal());
  }

  /**
   * TLS with this identity.
   *
   * @param protocols for ALPN, the best first; none for TLS without it
   */
  SslContext context(List<String> protocols) throws IOException {
    if (protocols.isEmpty()) {
      return build(builder());
    }
    return build(
        builder()
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    protocols)));
  }

  private SslContextBuilder builder() {
    return SslContextBuilder.forServer(key, chain)
        .sslProvider(TlsProvider.of(key))
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .clientAuth(ClientAuth.NONE);
  }

  private static SslContext build(SslContextBuilder builder) throws IOException {
    try {
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException("TLS cannot be set up with this certificate: " + e.getMessage(), e);
    }
  }
}
