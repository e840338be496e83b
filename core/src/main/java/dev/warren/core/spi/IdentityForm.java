package dev.warren.core.spi;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import io.netty.handler.codec.quic.BoringSSLKeylog;
import io.netty.handler.codec.quic.QuicSslContext;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A way to prove a node id inside TLS: how the contexts are made, and how the id is read from a
 * session.
 *
 * <p>The X.509 form is built in. Another form is found by {@link java.util.ServiceLoader} and used
 * only if {@link #usable} says so. Calls come from any thread; the contexts they return are shared.
 */
public interface IdentityForm {
  /** Short name for logs and {@code --json}: {@code x509}, {@code rpk}. */
  String name();

  /** Whether this form works on this platform and Netty version; self-tested, never throws. */
  boolean usable();

  /** A context for dialling with one ALPN. */
  QuicSslContext clientContext(Request request) throws GeneralSecurityException;

  /** A context for accepting with a list of ALPNs in order of preference. */
  QuicSslContext serverContext(Request request) throws GeneralSecurityException;

  /**
   * The peer's id as proved in <em>this</em> session. Called after each handshake, resumed ones
   * included, on the event loop.
   *
   * @throws GeneralSecurityException if the session proves none
   */
  NodeId identify(SSLSession session) throws GeneralSecurityException;

  /**
   * What a context is made for.
   *
   * @param key our identity
   * @param alpns protocols in order of preference
   * @param earlyData whether 0-RTT is allowed
   * @param keylog where TLS secrets are logged, or null
   * @param rejections told why a peer's credentials were refused, since TLS loses the reason
   */
  record Request(
      SecretKey key,
      List<Alpn> alpns,
      boolean earlyData,
      @Nullable BoringSSLKeylog keylog,
      Rejections rejections) {}

  /** Takes the reason for a refusal. Any thread. */
  @FunctionalInterface
  interface Rejections {
    void rejected(SSLEngine engine, Optional<NodeId> shown, String reason);
  }
}
