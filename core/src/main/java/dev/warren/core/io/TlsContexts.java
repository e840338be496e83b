package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.core.spi.IdentityForm;
import dev.warren.core.wire.ServerName;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.BoringSSLKeylog;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SslSessionTicketKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * The TLS contexts of an endpoint: one for accepting, rebuilt when the ALPNs change (existing
 * connections keep theirs), and one per dialled ALPN, since the list is fixed in a context. Also
 * keeps, per engine, why a peer was refused, which TLS reduces to one alert. Any thread.
 */
public final class TlsContexts {
  /** Dialled ALPNs whose contexts (and resumption caches) are kept. */
  private static final int CLIENT_LIMIT = 256;

  /**
   * A name that nobody can know, for an endpoint that accepts nothing: an empty list refuses
   * nobody.
   */
  private static final List<Alpn> NOTHING =
      List.of(Alpn.of("none-" + new BigInteger(128, new SecureRandom()).toString(16)));

  private final SecretKey key;
  private final IdentityForm form;
  private final boolean resumption;
  private final boolean earlyData;
  private final @Nullable BoringSSLKeylog keylog;
  private final SslSessionTicketKey ticketKey;
  private final Map<Alpn, QuicSslContext> clients = new ConcurrentHashMap<>();
  private final Map<SSLEngine, Rejection> rejected = new ConcurrentHashMap<>();
  private final AtomicInteger ports = new AtomicInteger(1);
  private volatile List<Alpn> alpns = List.of();
  private volatile @Nullable QuicSslContext server;

  /** Why credentials were refused: the id that was shown, if one was proved, and a clause. */
  public record Rejection(Optional<NodeId> shown, String reason) {}

  public TlsContexts(
      SecretKey key,
      IdentityForm form,
      boolean resumption,
      boolean earlyData,
      @Nullable BoringSSLKeylog keylog) {
    this.key = key;
    this.form = form;
    this.resumption = resumption;
    this.earlyData = earlyData;
    this.keylog = keylog;
    SecureRandom random = new SecureRandom();
    byte[][] parts = new byte[3][16];
    for (byte[] part : parts) {
      random.nextBytes(part);
    }
    this.ticketKey = new SslSessionTicketKey(parts[0], parts[1], parts[2]);
  }

  /** Ascending byte order, as iroh's router keeps its list: the server's order decides. */
  public void accept(Set<Alpn> wanted) throws GeneralSecurityException {
    List<Alpn> sorted = new ArrayList<>(new TreeSet<>(wanted));
    // Without protocols too: only TLS can tell a dialler that there is none for it.
    QuicSslContext context = form.serverContext(request(sorted.isEmpty() ? NOTHING : sorted));
    // The same ticket keys for each context: sessions survive a change of the list.
    context.sessionContext().setTicketKeys(ticketKey);
    server = context;
    alpns = List.copyOf(sorted);
  }

  public List<Alpn> alpns() {
    return alpns;
  }

  public IdentityForm form() {
    return form;
  }

  boolean accepting() {
    return !alpns.isEmpty();
  }

  QuicSslEngine serverEngine(ByteBufAllocator alloc) {
    QuicSslContext context = server;
    if (context == null) {
      throw new IllegalStateException("accept was never called");
    }
    return context.newEngine(alloc);
  }

  /** An engine that expects {@code node}; name and constant port key the session cache. */
  QuicSslEngine clientEngine(ByteBufAllocator alloc, NodeId node, Alpn alpn) {
    if (clients.size() >= CLIENT_LIMIT && !clients.containsKey(alpn)) {
      clients.clear();
    }
    QuicSslContext context =
        clients.computeIfAbsent(
            alpn,
            a -> {
              try {
                return form.clientContext(request(List.of(a)));
              } catch (GeneralSecurityException e) {
                throw new IllegalStateException("TLS context: " + e.getMessage(), e);
              }
            });
    // Without a name the engine finds no session to resume; it sends no server name either then,
    // and foreign peers route by it, so a port of its own is what hides the cache.
    return context.newEngine(alloc, ServerName.of(node), resumption ? 1 : nextPort());
  }

  private int nextPort() {
    return ports.updateAndGet(p -> p >= 65_535 ? 2 : p + 1);
  }

  private IdentityForm.Request request(List<Alpn> list) {
    return new IdentityForm.Request(
        key,
        list,
        earlyData,
        keylog,
        (engine, shown, reason) -> rejected.put(engine, new Rejection(shown, reason)));
  }

  /** The refusal recorded for an engine, forgotten by the call. */
  Optional<Rejection> takeRejection(@Nullable SSLEngine engine) {
    return engine == null ? Optional.empty() : Optional.ofNullable(rejected.remove(engine));
  }
}
