package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.core.wire.ServerName;
import io.netty.buffer.ByteBufAllocator;
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
 * connections keep theirs), and one per dialled ALPN and offer, since both are fixed in a context.
 * Also keeps, per engine, why a peer was refused, which TLS reduces to one alert. Any thread.
 */
public final class TlsContexts {
  /** Contexts for dialling that are kept, each with its sessions, of which it keeps 256. */
  static final int CLIENT_LIMIT = 256;

  /**
   * A name that nobody can know, for an endpoint that accepts nothing: an empty list refuses
   * nobody.
   */
  private static final List<Alpn> NOTHING =
      List.of(Alpn.of("none-" + new BigInteger(128, new SecureRandom()).toString(16)));

  private final Identities identities;
  private final boolean resumption;
  private final SslSessionTicketKey ticketKey;
  private final Map<Offer, QuicSslContext> clients = new ConcurrentHashMap<>();
  private final Map<SSLEngine, Rejection> rejected = new ConcurrentHashMap<>();
  private final AtomicInteger ports = new AtomicInteger(1);
  private volatile List<Alpn> alpns = List.of();
  private volatile @Nullable QuicSslContext server;

  /** Why credentials were refused: the id that was shown, if one was proved, and a clause. */
  public record Rejection(Optional<NodeId> shown, String reason) {}

  /** What a dial says first. */
  private record Offer(Alpn alpn, boolean x509Only) {}

  public TlsContexts(Identities identities, boolean resumption) {
    this.identities = identities;
    this.resumption = resumption;
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
    QuicSslContext context = identities.server(sorted.isEmpty() ? NOTHING : sorted, this::rejected);
    // The same ticket keys for each context: sessions survive a change of the list.
    context.sessionContext().setTicketKeys(ticketKey);
    server = context;
    alpns = List.copyOf(sorted);
  }

  public List<Alpn> alpns() {
    return alpns;
  }

  public Identities identities() {
    return identities;
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
  QuicSslEngine clientEngine(ByteBufAllocator alloc, NodeId node, Alpn alpn, boolean x509Only) {
    Offer offer = new Offer(alpn, x509Only);
    if (clients.size() >= CLIENT_LIMIT && !clients.containsKey(offer)) {
      clients.clear();
    }
    QuicSslContext context =
        clients.computeIfAbsent(
            offer,
            o -> {
              try {
                return identities.client(o.alpn(), o.x509Only(), this::rejected);
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

  private void rejected(SSLEngine engine, Optional<NodeId> shown, String reason) {
    rejected.put(engine, new Rejection(shown, reason));
  }

  /** The refusal recorded for an engine, forgotten by the call. */
  Optional<Rejection> takeRejection(@Nullable SSLEngine engine) {
    return engine == null ? Optional.empty() : Optional.ofNullable(rejected.remove(engine));
  }
}
