package dev.warren.relay.server;

import dev.warren.base.EndpointBindException;
import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.io.RelayCounters;
import dev.warren.relay.server.io.RelayListenerSocket;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A relay: forwards datagrams between nodes by their ids.
 *
 * <pre>{@code
 * try (RelayServer relay = RelayServer.builder().bind(new InetSocketAddress("127.0.0.1", 0))) {
 *   endpointBuilder.relay(relay.url());
 * }
 * }</pre>
 *
 * Speaks the relay protocol of iroh 1.0 in both versions. Everybody may connect who can prove a
 * node id. Any thread.
 */
public final class RelayServer implements AutoCloseable {
  private final RelayListenerSocket socket;
  private final boolean tls;
  private final AtomicBoolean closed = new AtomicBoolean();

  private RelayServer(RelayListenerSocket socket, boolean tls) {
    this.socket = socket;
    this.tls = tls;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects options. Not thread-safe; may be used again. */
  public static final class Builder {
    private @Nullable Path certificate;
    private @Nullable Path key;

    private Builder() {}

    /** Serves https with a certificate chain and a key in PEM files. Default: plain http. */
    public Builder tls(Path certificatePem, Path keyPem) {
      certificate = certificatePem;
      key = keyPem;
      return this;
    }

    /**
     * Binds and serves; port 0 takes a free one.
     *
     * @throws EndpointBindException if the address cannot be had or the PEM files cannot be used
     */
    public RelayServer bind(InetSocketAddress address) throws EndpointBindException {
      try {
        SslContext context =
            certificate == null
                ? null
                : SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                    .sslProvider(SslProvider.JDK)
                    .build();
        return new RelayServer(new RelayListenerSocket(address, context), context != null);
      } catch (IOException | IllegalArgumentException e) {
        throw new EndpointBindException(
            "the relay cannot listen on TCP "
                + SocketAddrs.toString(address)
                + ": "
                + e.getMessage()
                + " (choose another address or port)",
            e);
      }
    }
  }

  /** The URL for clients, with the bound IP address as its host. */
  public RelayUrl url() {
    InetSocketAddress address = socket.address();
    String host =
        address.getAddress().isAnyLocalAddress()
            ? "127.0.0.1:" + address.getPort()
            : SocketAddrs.toString(address);
    try {
      return RelayUrl.parse((tls ? "https://" : "http://") + host + "/");
    } catch (RelayUrlParseException e) {
      throw new AssertionError(e);
    }
  }

  public InetSocketAddress boundAddress() {
    return socket.address();
  }

  /** Nodes connected now. */
  public int clients() {
    return socket.clients();
  }

  /** Counters by name. */
  public Map<String, Long> metrics() {
    RelayCounters c = socket.counters();
    return Map.of(
        "accepted", c.accepted.sum(),
        "disconnected", c.disconnected.sum(),
        "unauthenticated", c.unauthenticated.sum(),
        "bytes_forwarded", c.bytesForwarded.sum(),
        "frames_forwarded", c.framesForwarded.sum(),
        "dropped_unknown", c.droppedUnknown.sum(),
        "dropped_full", c.droppedFull.sum(),
        "dropped_malformed", c.droppedMalformed.sum());
  }

  /** Closes all connections, within about two seconds. Idempotent. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      socket.close();
    }
  }
}
