package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.core.spi.IdentityForm;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.BoringSSLKeylog;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an endpoint proves its id and how peers prove theirs: X.509, a second form laid over it, or
 * that form alone. Makes the TLS contexts, and reads the id from a connection. Any thread, but for
 * {@link #identify}.
 */
public final class Identities {
  private static final Logger LOG = LoggerFactory.getLogger(Identities.class);

  /**
   * Node keys and our certificates' keys (raw-public-keys section 3.1). BoringSSL's own list has no
   * Ed25519.
   */
  private static final String[] SIGNATURES = {"ed25519", "ecdsa_secp256r1_sha256"};

  private final SecretKey key;
  private final X509Identity x509;
  private final boolean x509Wanted;
  private final boolean earlyData;
  private final @Nullable BoringSSLKeylog keylog;

  /** One of the two is null. */
  private volatile @Nullable IdentityForm second;

  private volatile @Nullable String secondUnavailable;

  /** The second form has configured a context of this endpoint. */
  private volatile boolean proven;

  /**
   * An id that was proved, and how.
   *
   * @param id whose it is
   * @param form name of the form
   */
  record Proof(NodeId id, String form) {}

  private Identities(
      SecretKey key,
      boolean x509Wanted,
      IdentityForms.Found second,
      boolean earlyData,
      @Nullable BoringSSLKeylog keylog)
      throws GeneralSecurityException {
    this.key = key;
    this.x509 = new X509Identity(key);
    this.x509Wanted = x509Wanted;
    this.second = second.form();
    this.secondUnavailable = second.unavailable();
    this.earlyData = earlyData;
    this.keylog = keylog;
  }

  /**
   * @throws GeneralSecurityException if there is no form left of those that are wanted
   */
  public static Identities create(
      SecretKey key,
      boolean x509Wanted,
      boolean secondWanted,
      boolean earlyData,
      @Nullable BoringSSLKeylog keylog)
      throws GeneralSecurityException {
    IdentityForms.Found second =
        secondWanted ? IdentityForms.find() : IdentityForms.Found.none("identity mode is X509");
    if (!x509Wanted && second.form() == null) {
      throw new GeneralSecurityException(
          "raw public keys are not available: " + second.unavailable());
    }
    return new Identities(key, x509Wanted, second, earlyData, keylog);
  }

  /** Why there is no second form; empty if there is one. */
  public Optional<String> secondUnavailable() {
    return Optional.ofNullable(secondUnavailable);
  }

  /** Whether a dial can offer more than X.509, and could do with X.509 alone. */
  boolean haveChoice() {
    return x509Wanted && second != null;
  }

  /** A context for dialling with one protocol; {@code x509Only} hides the second form. */
  QuicSslContext client(Alpn alpn, boolean x509Only, X509Identity.Rejections rejections)
      throws GeneralSecurityException {
    QuicSslContextBuilder builder = x509.client(alpn, rejections);
    IdentityForm form = second;
    return form == null || x509Only ? plain(builder) : configured(builder, form, false);
  }

  /** A context for accepting, protocols in order of preference. */
  QuicSslContext server(List<Alpn> alpns, X509Identity.Rejections rejections)
      throws GeneralSecurityException {
    IdentityForm form = second;
    if (form == null) {
      return plain(x509.server(alpns, rejections));
    }
    try {
      QuicSslContext context = configured(x509.server(alpns, rejections), form, true);
      proven = true;
      return context;
    } catch (GeneralSecurityException | RuntimeException e) {
      if (!x509Wanted || proven) {
        throw e;
      }
      // The first context of an endpoint: none is configured yet, so the form can be left out.
      LOG.warn("{} cannot be used, X.509 alone is: {}", form.name(), e.toString());
      second = null;
      secondUnavailable = form.name() + ": " + e.getMessage();
      return plain(x509.server(alpns, rejections));
    }
  }

  private QuicSslContext plain(QuicSslContextBuilder builder) {
    return builder.earlyData(earlyData).keylog(keylog).build();
  }

  private QuicSslContext configured(
      QuicSslContextBuilder builder, IdentityForm form, boolean server)
      throws GeneralSecurityException {
    QuicSslContext context =
        plain(builder.option(BoringSSLContextOption.SIGNATURE_ALGORITHMS, SIGNATURES));
    form.configure(context, new IdentityForm.Terms(key, server, x509Wanted));
    return context;
  }

  /**
   * What the peer has proved in this connection. Event loop, when TLS has just ended.
   *
   * @param x509Only whether the context was made for X.509 alone
   */
  Proof identify(QuicChannel channel, boolean x509Only) throws GeneralSecurityException {
    IdentityForm form = second;
    if (form != null && !x509Only) {
      Optional<NodeId> id = form.identify(channel);
      if (id.isPresent()) {
        return new Proof(id.get(), form.name());
      }
      if (!x509Wanted) {
        throw new GeneralSecurityException("the peer used X.509, which is not accepted here");
      }
    }
    return new Proof(x509.identify(channel.sslEngine().getSession()), X509Identity.NAME);
  }
}
