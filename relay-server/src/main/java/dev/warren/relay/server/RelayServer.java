package dev.warren.relay.server;

import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.io.DataPlane;
import dev.warren.relay.server.io.ListenerOptions;
import dev.warren.relay.server.io.RelayListenerSocket;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.io.TlsTasks;
import dev.warren.serving.pages.Version;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * Speaks the relay protocol of every iroh generation on one port: 1.0 in both versions, and that of
 * 0.35 over WebSocket and over its own upgrade; they reach each other. Everybody may connect who
 * can prove a node id, unless {@link Builder#access} says otherwise. Any thread.
 */
public final class RelayServer implements AutoCloseable {
  private final RelayListenerSocket socket;
  private final DataPlane plane;
  private final @Nullable Certificates certificates;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean draining;

  private RelayServer(
      RelayListenerSocket socket,
      DataPlane plane,
      @Nullable Certificates certificates,
      AtomicBoolean draining) {
    this.socket = socket;
    this.plane = plane;
    this.certificates = certificates;
    this.draining = draining;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects options. Not thread-safe; may be used again. */
  public static final class Builder {
    private @Nullable ServerTls tls;
    private @Nullable InetSocketAddress plainHttp;
    private @Nullable InetSocketAddress stun;
    private List<AddressRange> trustedProxies = List.of();
    private boolean proxyProtocol;
    private AccessControl access = AccessControl.everyone();
    private RelayLimits limits = RelayLimits.defaults();
    private boolean legacy = true;

    private Builder() {}

    /** Serves https. Default: plain http. */
    public Builder tls(ServerTls certificates) {
      tls = certificates;
      return this;
    }

    /** The same as {@code tls(ServerTls.files(certificatePem, keyPem))}. */
    public Builder tls(Path certificatePem, Path keyPem) {
      return tls(ServerTls.files(certificatePem, keyPem));
    }

    /**
     * A second listener, beside TLS, that answers the captive portal checks of clients ({@code
     * /generate_204}) and nothing else. They ask port 80, whatever the relay's. Default: none.
     */
    public Builder plainHttp(InetSocketAddress address) {
      plainHttp = address;
      return this;
    }

    /**
     * Answers STUN binding requests on UDP, by which clients of iroh 0.35 and of Warren learn their
     * public address; the usual port is 3478. Default: not.
     */
    public Builder stun(InetSocketAddress address) {
      stun = address;
      return this;
    }

    /**
     * Proxies that may say in {@code X-Forwarded-For} or {@code Forwarded} for whom they connect:
     * limits and access control see that address. What others write there is ignored. Each of the
     * addresses has to be a proxy that adds to the header or replaces it; one that only passes on
     * what clients write lets them choose an address. Default: none.
     */
    public Builder trustedProxies(Collection<AddressRange> proxies) {
      trustedProxies = List.copyOf(proxies);
      return this;
    }

    /**
     * Whether connections of trusted proxies begin with a PROXY header (versions 1 and 2); those
     * without one are then cut. Connections from elsewhere never have one. Default: false.
     */
    public Builder proxyProtocol(boolean expected) {
      proxyProtocol = expected;
      return this;
    }

    /** Who may connect. Default: everyone. */
    public Builder access(AccessControl control) {
      access = control;
      return this;
    }

    /**
     * Whether clients up to 0.90 are served, iroh 0.35 among them. They prove their id by a
     * signature that is bound to no relay and no time: whoever has seen one can show it again and
     * gets what is sent to that id, which stays encrypted. Default: true.
     */
    public Builder legacyClients(boolean served) {
      legacy = served;
      return this;
    }

    /** What clients are granted. Default: {@link RelayLimits#defaults}. */
    public Builder limits(RelayLimits granted) {
      limits = granted;
      return this;
    }

    /**
     * Binds and serves; port 0 takes a free one.
     *
     * @throws EndpointBindException if an address cannot be had or the certificate cannot be used
     * @throws IllegalStateException if the PROXY protocol is expected, but no proxy is trusted
     */
    public RelayServer bind(InetSocketAddress address) throws EndpointBindException {
      if (proxyProtocol && trustedProxies.isEmpty()) {
        throw new IllegalStateException(
            "the PROXY protocol is only read from trusted proxies, and none is named");
      }
      Certificates certificates = null;
      try {
        certificates = tls == null ? null : Certificates.open(tls);
        AtomicBoolean draining = new AtomicBoolean();
        ListenerOptions options =
            new ListenerOptions(
                address,
                certificates,
                plainHttp,
                stun,
                trustedProxies,
                proxyProtocol,
                Version.TEXT,
                draining::get);
        TlsTasks tasks = new TlsTasks(RelayListenerSocket.loops());
        DataPlane plane = new DataPlane(access, limits, legacy, tasks);
        RelayListenerSocket socket = new RelayListenerSocket(options, plane, tasks);
        if (certificates != null) {
          certificates.start();
        }
        return new RelayServer(socket, plane, certificates, draining);
      } catch (IOException e) {
        if (certificates != null) {
          certificates.close();
          throw new EndpointBindException(
              "the relay cannot listen on " + e.getMessage() + " (choose another address or port)",
              e);
        }
        throw new EndpointBindException(
            tls == null
                ? "the relay cannot listen on "
                    + e.getMessage()
                    + " (choose another address or port)"
                : "the relay's certificate cannot be used: " + e.getMessage(),
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
      return RelayUrl.parse((certificates != null ? "https://" : "http://") + host + "/");
    } catch (RelayUrlParseException e) {
      throw new AssertionError(e);
    }
  }

  public InetSocketAddress boundAddress() {
    return socket.address();
  }

  /**
   * Where the captive portal check is answered beside TLS, if {@link Builder#plainHttp} said so.
   */
  public Optional<InetSocketAddress> plainHttpAddress() {
    return socket.plainAddress();
  }

  /** Where STUN is answered, if {@link Builder#stun} said so. */
  public Optional<InetSocketAddress> stunAddress() {
    return socket.stunAddress();
  }

  /** Nodes connected now. */
  public int clients() {
    return plane.size();
  }

  /** Everybody who is connected now; of an id with several connections each. */
  public List<ConnectedClient> connected() {
    return plane.connected().stream().map(ConnectedClient::of).toList();
  }

  /**
   * Other limits from now on, for those who are connected too. Who is in stays in, and a client
   * that is being held back starts afresh. {@code keyCache} stays what it was when the relay was
   * bound.
   */
  public void limits(RelayLimits granted) {
    plane.limits(granted);
  }

  /**
   * Cuts off every connection of a node, now. It may come back: access control decides.
   *
   * @return whether there was one
   */
  public boolean disconnect(NodeId node) {
    return plane.disconnect(node);
  }

  /**
   * Cuts off one connection, by the number that access control and {@link #connected} know it by.
   *
   * @return whether it was there
   */
  public boolean disconnect(NodeId node, long connection) {
    return plane.disconnect(node, connection);
  }

  /**
   * The certificate that new connections are shown; empty without TLS, and while an authority has
   * not issued the first. Of {@link ServerTls#selfSigned} it is what clients need as the authority.
   */
  public Optional<X509Certificate> certificate() {
    return Optional.ofNullable(certificates).map(Certificates::leaf);
  }

  /**
   * Looks for a new certificate now instead of within seconds; waits for it. New connections get
   * it; those that live stay. Without TLS nothing happens.
   *
   * @throws IOException if what is there cannot be used: the message says why, and the certificate
   *     in use stays
   */
  public void reloadTls() throws IOException {
    if (certificates != null) {
      certificates.reload();
    }
  }

  /** Counters by name. */
  public Map<String, Long> metrics() {
    Map<String, Long> all = new LinkedHashMap<>(plane.metrics());
    all.putAll(socket.services().snapshot());
    if (certificates != null) {
      all.putAll(certificates.counters());
    }
    return all;
  }

  /**
   * Ends gracefully. From now on {@code /healthz} answers 503 and nobody is let in. Clients are
   * told that the relay goes away and are cut one after the other, over four fifths of the window,
   * so that they do not all turn to the next relay at once. Then everything is closed. Waits for
   * that; an interrupt cuts it short.
   */
  public void drain(Duration window) {
    draining.set(true);
    try {
      plane.drain(window).get(window.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException some) {
      // They are cut by what follows.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** Closes all connections, within about two seconds. Idempotent. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      if (certificates != null) {
        certificates.close();
      }
      socket.close();
    }
  }
}
