package dev.warren.core.spi;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import java.security.GeneralSecurityException;
import java.util.Optional;

/**
 * A second way to prove a node id inside TLS, laid over contexts that are made for X.509: raw
 * public keys (RFC 7250).
 *
 * <p>Found by {@link java.util.ServiceLoader}, one instance an endpoint; the first that is
 * available is used, according to {@code EndpointBuilder.identity}. Contexts are made with an X.509
 * certificate, client authentication, and the signature algorithms {@code ed25519} and {@code
 * ecdsa_secp256r1_sha256}, which Netty takes only then. X.509 peers stay core's business, and so
 * does the comparison of ids.
 */
public interface IdentityForm {
  /** Short name for logs and {@code --json}, as {@code rpk}. */
  String name();

  /**
   * Why this form cannot be used here, in one clause; empty if it can. Never throws. Asked for each
   * endpoint: a costly self-test is done once a process.
   */
  Optional<String> unavailable();

  /**
   * Makes a context prove and accept ids in this form. Called once for each context, before its
   * first engine is made; any thread.
   *
   * @throws GeneralSecurityException if that fails; the context is thrown away then
   */
  void configure(QuicSslContext context, Terms terms) throws GeneralSecurityException;

  /**
   * The id that the peer has proved in <em>this</em> connection, resumed or not; empty if it used
   * X.509. Called once, on the event loop, when TLS has just ended; never for a connection whose
   * context was not configured.
   *
   * @throws GeneralSecurityException if what it showed proves nothing
   */
  Optional<NodeId> identify(QuicChannel channel) throws GeneralSecurityException;

  /**
   * What a context is made for.
   *
   * @param key our identity
   * @param server whether it accepts
   * @param x509 whether X.509 is offered and accepted beside this form
   */
  record Terms(SecretKey key, boolean server, boolean x509) {}
}
