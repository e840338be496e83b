package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.EndpointBindException;
import dev.warren.base.NativeLibraries;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.TransportAddr;
import dev.warren.core.io.Identities;
import dev.warren.core.io.IdentityForms;
import dev.warren.core.io.IncomingGate;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.EndpointData;
import dev.warren.magicsock.DatagramTransport;
import dev.warren.magicsock.MagicSocketBuilder;
import dev.warren.magicsock.PathSnapshot;
import dev.warren.magicsock.Peer;
import dev.warren.magicsock.PeerAddress;
import dev.warren.relay.client.RelayClient;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.client.RelayTrust;
import dev.warren.relay.client.proxy.RelayProxy;
import io.netty.handler.codec.quic.BoringSSLKeylog;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects what an {@link Endpoint} is made of. Every option has a default; order does not matter;
 * a builder may be used again (with {@link #secretKey} unset each endpoint gets a new identity).
 * Not thread-safe.
 */
public final class EndpointBuilder {
  SecretKey secretKey = SecretKey.generate();
  Set<Alpn> alpns = Set.of();
  TransportConfig transport = TransportConfig.internet();
  int shards = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() / 2));
  boolean earlyData;
  boolean resumption = true;
  @Nullable EndpointHooks hooks;
  @Nullable IncomingFilter filter;
  @Nullable ExecutorService callbacks;
  @Nullable Path qlog;
  final List<Discovery.Factory> discovery = new ArrayList<>();
  AddrFilter publishFilter = AddrFilter.everything();
  Optional<String> userData = Optional.empty();

  private boolean fixedKey;
  private final List<InetSocketAddress> bindAddrs = new ArrayList<>();
  private final List<InetSocketAddress> externalAddrs = new ArrayList<>();
  private final List<InetSocketAddress> stunServers = new ArrayList<>();
  final Set<RelayUrl> relays = new LinkedHashSet<>();
  private @Nullable RelayTrust relayTrust;
  private Supplier<@Nullable String> relayToken = () -> null;
  private @Nullable RelayProxy relayProxy;
  private boolean direct = true;
  private boolean relay = true;
  private boolean nio;
  private boolean keyLog;
  private IdentityMode identity = IdentityMode.BOTH;

  EndpointBuilder() {}

  /** Sets several options at once; see {@link Presets}. Default: none, nobody is contacted. */
  public EndpointBuilder preset(Preset preset) {
    preset.apply(this);
    return this;
  }

  /** Our identity. Default: a fresh one for each endpoint. */
  public EndpointBuilder secretKey(SecretKey key) {
    secretKey = key;
    fixedKey = true;
    return this;
  }

  /** Protocols that we accept. Default: none; a {@link Router} sets them. */
  public EndpointBuilder alpns(Alpn... protocols) {
    alpns = Set.of(protocols);
    return this;
  }

  /** Binds this address instead of any; at most one a family. Port 0 takes a free one. */
  public EndpointBuilder bindAddr(InetSocketAddress address) {
    bindAddrs.add(address);
    return this;
  }

  /** An address that others reach us at, known from elsewhere. */
  public EndpointBuilder externalAddr(InetSocketAddress address) {
    externalAddrs.add(address);
    return this;
  }

  /**
   * A STUN server (RFC 8489), from which we learn the address that our sockets have outside a NAT;
   * repeatable. An unresolved address is looked up, now and every five minutes. Hosts of our relays
   * are asked too, on port 3478, unless they are this machine. Default: none.
   */
  public EndpointBuilder stunServer(InetSocketAddress server) {
    stunServers.add(server);
    return this;
  }

  /**
   * A relay of ours; repeatable. The nearest is home, measured by requests to each; with one relay
   * nothing is measured. Default: none.
   */
  public EndpointBuilder relay(RelayUrl url) {
    relays.add(url);
    return this;
  }

  /** Whom relays' certificates must be signed by. Default: the JDK's authorities. */
  public EndpointBuilder relayTrust(RelayTrust trust) {
    relayTrust = trust;
    return this;
  }

  /**
   * A token for relays of ours that let only those in who have one; relays of peers never see it.
   * Default: none.
   *
   * @throws IllegalArgumentException unless it is visible ASCII, at most 8192 characters
   */
  public EndpointBuilder relayToken(String constant) {
    String checked = RelayClient.checkToken(constant);
    return relayToken(() -> checked);
  }

  /**
   * Gives the token of the moment, or null for none: asked before every attempt to connect, and
   * twice a second while a relay refuses us, so that another token is used at once. Runs on {@link
   * #executor}, for several relays at the same time, and may block for a moment; an attempt whose
   * supplier throws has failed. What a refusal looks like: {@link RelayStatus.NotAuthorized}.
   */
  public EndpointBuilder relayToken(Supplier<@Nullable String> supplier) {
    relayToken = Objects.requireNonNull(supplier, "supplier");
    return this;
  }

  /**
   * Reaches relays through an HTTP proxy; nothing is read from the environment. Default: directly.
   */
  public EndpointBuilder relayProxy(RelayProxy proxy) {
    relayProxy = proxy;
    return this;
  }

  /**
   * A service that makes known where we are, finds others, or both; repeatable. Dials ask all of
   * them at once. Each is made once the sockets are bound, and closed with the endpoint. Default:
   * none.
   */
  public EndpointBuilder discovery(Discovery.Factory factory) {
    discovery.add(Objects.requireNonNull(factory, "factory"));
    return this;
  }

  /**
   * What of our addresses any discovery service gets to see; each has a filter of its own behind
   * this. Default: everything.
   */
  public EndpointBuilder publishFilter(AddrFilter filter) {
    publishFilter = Objects.requireNonNull(filter, "filter");
    return this;
  }

  /**
   * What is published beside our addresses, for the application's use; {@link
   * EndpointDiscovery#userData} changes it. Default: nothing.
   *
   * @throws IllegalArgumentException if it is longer than {@value EndpointData#MAX_USER_DATA} bytes
   *     of UTF-8
   */
  public EndpointBuilder userData(String text) {
    userData = EndpointData.EMPTY.withUserData(text).userData();
    return this;
  }

  /** Whether UDP is used. Default: yes. */
  public EndpointBuilder directEnabled(boolean enabled) {
    direct = enabled;
    return this;
  }

  /** Whether relays are used, ours and peers'. Default: yes. */
  public EndpointBuilder relayEnabled(boolean enabled) {
    relay = enabled;
    return this;
  }

  /** QUIC's windows, limits and timeouts. Default: {@link TransportConfig#internet()}. */
  public EndpointBuilder transport(TransportConfig config) {
    transport = config;
    return this;
  }

  /**
   * Event loops, and so cores, over which connections are spread, 1 to 64. Default: half the
   * processors, at most four: a loop of its own costs a connection 29 % more CPU per byte where
   * cores are busy.
   */
  public EndpointBuilder shards(int count) {
    if (count < 1 || count > 64) {
      throw new IllegalArgumentException("shards must be 1 to 64, not " + count);
    }
    shards = count;
    return this;
  }

  /** Vetoes connections with their identity known. Default: none. */
  public EndpointBuilder hooks(EndpointHooks endpointHooks) {
    hooks = endpointHooks;
    return this;
  }

  /** Judges first packets before any cryptography. Default: everybody may try. */
  public EndpointBuilder incomingFilter(IncomingFilter incomingFilter) {
    filter = incomingFilter;
    return this;
  }

  /**
   * Whether a dial may resume an earlier TLS session with the same peer: a cheaper handshake, but
   * the peer can tell that it is the same session. Default: on. The peer's identity is checked
   * either way.
   */
  public EndpointBuilder resumption(boolean allowed) {
    resumption = allowed;
    return this;
  }

  /**
   * Allows 0-RTT, dialling ({@link Endpoint#connectEarly}) and accepting; both sides must. What is
   * sent early can be replayed towards the peer, who hands it to its application only after the
   * handshake all the same. Tickets end with the endpoint: a restarted one takes no early data from
   * earlier ones. Default: off.
   */
  public EndpointBuilder earlyData(boolean allowed) {
    earlyData = allowed;
    return this;
  }

  /**
   * The forms in which ids are proved. Default: {@link IdentityMode#BOTH}, so that a module that
   * brings raw public keys need only be on the class path.
   */
  public EndpointBuilder identity(IdentityMode mode) {
    identity = mode;
    return this;
  }

  /**
   * Runs handlers and callbacks; not closed with the endpoint. It must not run them on the thread
   * that asks, and should be shut down after the endpoint; callbacks that it rejects run in the
   * common pool, handlers not at all. Default: virtual threads, or a pool.
   */
  public EndpointBuilder executor(ExecutorService executor) {
    callbacks = executor;
    return this;
  }

  /**
   * Writes TLS secrets to the file named by {@code SSLKEYLOGFILE}, for packet analysers. Default:
   * off.
   */
  public EndpointBuilder keyLog(boolean enabled) {
    keyLog = enabled;
    return this;
  }

  /** Writes a qlog file for each dialled connection into this directory. Default: none. */
  public EndpointBuilder qlog(Path directory) {
    qlog = directory;
    return this;
  }

  /** Uses NIO sockets even where epoll can be had. Default: epoll. */
  public EndpointBuilder portableSockets(boolean enabled) {
    nio = enabled;
    return this;
  }

  /**
   * Binds the sockets and starts; blocks for the sockets only, not for relays. Works without IPv6
   * and without any network.
   *
   * @throws EndpointBindException if an address that was asked for cannot be had, QUIC's native
   *     library cannot be loaded, or raw public keys alone were asked for and are not available
   */
  public Endpoint bind() throws EndpointBindException {
    if (!io.netty.handler.codec.quic.Quic.isAvailable()) {
      Throwable cause = io.netty.handler.codec.quic.Quic.unavailabilityCause();
      throw new EndpointBindException(
          "the native QUIC library cannot be loaded on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": there are libraries for "
              + ServiceLoader.load(NativeLibraries.class).stream()
                  .map(provider -> provider.get().platform())
                  .toList()
              + " ("
              + root(cause)
              + "); add the artifact warren-native-… of your platform, and have a java.io.tmpdir that"
              + " takes 5 MB and may hold programs",
          cause);
    }
    if (!fixedKey) {
      secretKey = SecretKey.generate();
    }
    return new Endpoint(this);
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = root.getCause();
        cause != null && cause != root;
        cause = root.getCause()) {
      root = cause;
    }
    return root;
  }

  DatagramTransport datagramTransport() {
    return nio ? DatagramTransport.nio() : DatagramTransport.best();
  }

  Identities identities() throws GeneralSecurityException {
    return Identities.create(
        secretKey,
        identity != IdentityMode.RAW_PUBLIC_KEY,
        identity != IdentityMode.X509,
        earlyData,
        keylog());
  }

  @Nullable BoringSSLKeylog keylog() {
    return keyLog ? IdentityForms.keyLogFile() : null;
  }

  @Nullable IncomingGate gate() {
    IncomingFilter judge = filter;
    if (judge == null) {
      return null;
    }
    return (from, initial) -> decide(judge, from, IncomingGate.hasToken(initial));
  }

  private static IncomingGate.Decision decide(
      IncomingFilter judge, PeerAddress from, boolean hasToken) {
    try {
      IncomingFilter.FirstPacket packet =
          new IncomingFilter.FirstPacket(source(from), from.peer().id(), hasToken);
      return IncomingGate.Decision.valueOf(judge.judge(packet).name());
    } catch (RuntimeException e) {
      return IncomingGate.Decision.IGNORE;
    }
  }

  /** A newcomer has no path that we would use yet, but it came from somewhere. */
  private static TransportAddr source(PeerAddress from) {
    Peer peer = from.peer();
    TransportAddr path = peer.path().remote();
    if (path != null) {
      return path;
    }
    return peer.paths().stream()
        .map(PathSnapshot::remote)
        .filter(Objects::nonNull)
        .findFirst()
        .orElseGet(() -> new TransportAddr.Ip(peer.firstSource().orElse(from)));
  }

  MagicSocketBuilder socket(MagicSocketBuilder socket) {
    if (relayTrust != null) {
      socket.relayTrust(relayTrust);
    }
    return socket
        .transport(datagramTransport())
        .bindAddrs(bindAddrs)
        .externalAddrs(externalAddrs)
        .stunServers(stunServers)
        .relays(List.copyOf(relays))
        .relayToken(relayToken)
        .relayProxy(relayProxy)
        .directEnabled(direct)
        .relayEnabled(relay);
  }
}
