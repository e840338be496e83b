package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.core.wire.IdentityCertificate;
import dev.warren.core.wire.ServerName;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.util.LazyX509Certificate;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The X.509 identity form (identity-and-tls sections 2 to 4): one certificate per endpoint, client
 * authentication mandatory, no session without a proved node id.
 *
 * <p>The trust manager refuses early and with a reason, but BoringSSL does not call it on
 * resumption; what decides is {@link #identify}, which reads the session of each connection.
 * Checked certificates are remembered (bounded), so the three signatures of a known certificate are
 * verified once. Any thread.
 */
final class X509Identity {
  static final String NAME = "x509";

  /** Checked certificates that are remembered, least recently used forgotten first. */
  private static final int VERIFIED_LIMIT = 4096;

  /** Client sessions kept for resumption: 256 as in iroh (identity-and-tls section 3.1). */
  private static final int SESSION_CACHE = 256;

  /** Takes the reason for a refusal, which TLS reduces to one alert. Any thread. */
  @FunctionalInterface
  interface Rejections {
    void rejected(SSLEngine engine, Optional<NodeId> shown, String reason);
  }

  private final KeyPair tls;
  private final X509Certificate certificate;
  private final Map<Key, NodeId> verified =
      Collections.synchronizedMap(
          new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, NodeId> eldest) {
              return size() > VERIFIED_LIMIT;
            }
          });

  X509Identity(SecretKey key) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    tls = generator.generateKeyPair();
    certificate = new LazyX509Certificate(IdentityCertificate.create(key, tls));
  }

  QuicSslContextBuilder client(Alpn alpn, Rejections rejections) {
    return QuicSslContextBuilder.forClient()
        .keyManager(new OneKeyManager(tls.getPrivate(), certificate), null)
        .trustManager(new Trust(rejections))
        .endpointIdentificationAlgorithm("")
        .applicationProtocols(alpn.toString())
        .sessionCacheSize(SESSION_CACHE);
  }

  QuicSslContextBuilder server(List<Alpn> alpns, Rejections rejections) {
    return QuicSslContextBuilder.forServer(new OneKeyManager(tls.getPrivate(), certificate), null)
        .trustManager(new Trust(rejections))
        .clientAuth(ClientAuth.REQUIRE)
        .applicationProtocols(alpns.stream().map(Alpn::toString).toArray(String[]::new));
  }

  /** The id that the peer's certificate proves in this session. */
  NodeId identify(SSLSession session) throws GeneralSecurityException {
    try {
      return verify(session.getPeerCertificates());
    } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
      throw new GeneralSecurityException("the peer showed no certificate", e);
    }
  }

  private NodeId verify(Certificate @Nullable [] chain) throws GeneralSecurityException {
    if (chain == null || chain.length != 1) {
      throw new GeneralSecurityException(
          "the peer showed " + (chain == null ? 0 : chain.length) + " certificates, not one");
    }
    Key der = new Key(chain[0].getEncoded());
    NodeId known = verified.get(der);
    if (known == null) {
      known = IdentityCertificate.verify(der.bytes, Instant.now());
      verified.put(der, known);
    }
    return known;
  }

  private record Key(byte[] bytes) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && Arrays.equals(bytes, k.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private final class Trust extends X509ExtendedTrustManager {
    private final Rejections rejections;

    Trust(Rejections rejections) {
      this.rejections = rejections;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      NodeId shown = check(chain, engine);
      String name = engine.getHandshakeSession().getPeerHost();
      Optional<NodeId> expected = name == null ? Optional.empty() : ServerName.parse(name);
      if (!expected.equals(Optional.of(shown))) {
        rejections.rejected(engine, Optional.of(shown), "another node answered");
        throw new CertificateException("another node answered");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      check(chain, engine);
    }

    private NodeId check(X509Certificate[] chain, SSLEngine engine) throws CertificateException {
      try {
        return verify(chain);
      } catch (GeneralSecurityException e) {
        rejections.rejected(engine, Optional.empty(), String.valueOf(e.getMessage()));
        throw new CertificateException(e.getMessage(), e);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw new CertificateException("QUIC only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw new CertificateException("QUIC only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("QUIC only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("QUIC only");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
