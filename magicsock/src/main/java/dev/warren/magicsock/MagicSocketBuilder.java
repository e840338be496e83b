package dev.warren.magicsock;

import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.RelayTrust;
import dev.warren.relay.client.proxy.RelayProxy;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what a {@link MagicSocket} is made of. Not thread-safe. */
public final class MagicSocketBuilder {
  SecretKey secretKey = SecretKey.generate();
  EventLoop eventLoop;
  DatagramTransport transport = DatagramTransport.best();
  List<InetSocketAddress> bindAddrs = List.of();
  List<InetSocketAddress> externalAddrs = List.of();
  List<InetSocketAddress> stunServers = List.of();
  List<RelayUrl> relays = List.of();
  RelayTrust relayTrust = RelayTrust.system();
  Supplier<@Nullable String> relayToken = () -> null;
  @Nullable RelayProxy relayProxy;
  int maxDatagram = 1452;
  boolean direct = true;
  boolean relay = true;
  DatagramReceiver receiver;
  Consumer<NodeId> onLost = id -> {};
  Runnable onNetworkChange = () -> {};
  Executor callbacks = ForkJoinPool.commonPool();

  MagicSocketBuilder() {}

  /** Our identity; a fresh one by default. */
  public MagicSocketBuilder secretKey(SecretKey key) {
    secretKey = key;
    return this;
  }

  /** The socket loop, of a group that {@link #transport} fits. Required. */
  public MagicSocketBuilder eventLoop(EventLoop socketLoop) {
    eventLoop = socketLoop;
    return this;
  }

  /** Kind of the sockets; must fit the loop. */
  public MagicSocketBuilder transport(DatagramTransport kind) {
    transport = kind;
    return this;
  }

  /** Where to bind, at most one address a family; none means any address and any port. */
  public MagicSocketBuilder bindAddrs(List<InetSocketAddress> addresses) {
    bindAddrs = List.copyOf(addresses);
    return this;
  }

  /** Addresses that others reach us at, known from elsewhere (a static port mapping). */
  public MagicSocketBuilder externalAddrs(List<InetSocketAddress> addresses) {
    externalAddrs = List.copyOf(addresses);
    return this;
  }

  /**
   * STUN servers beside the hosts of our relays, resolved or not: they tell what our sockets look
   * like from outside.
   */
  public MagicSocketBuilder stunServers(List<InetSocketAddress> servers) {
    stunServers = List.copyOf(servers);
    return this;
  }

  /** Relays of ours, of which the nearest becomes home; of equals the first. */
  public MagicSocketBuilder relays(List<RelayUrl> urls) {
    relays = List.copyOf(urls);
    return this;
  }

  /** Whom relays' certificates must be signed by. */
  public MagicSocketBuilder relayTrust(RelayTrust trust) {
    relayTrust = trust;
    return this;
  }

  /**
   * Gives the token for relays of ours, or null for none; never sent to relays of peers. See {@code
   * RelayClientBuilder.token}.
   */
  public MagicSocketBuilder relayToken(Supplier<@Nullable String> supplier) {
    relayToken = supplier;
    return this;
  }

  /** Reaches relays through an HTTP proxy; null for directly, which is the default. */
  public MagicSocketBuilder relayProxy(@Nullable RelayProxy proxy) {
    relayProxy = proxy;
    return this;
  }

  /**
   * The largest datagram that will ever be sent, in bytes: direct paths are tried with Pings of
   * that size before they are trusted with it. 1452 by default, which fits IPv6 on Ethernet.
   */
  public MagicSocketBuilder maxDatagram(int bytes) {
    if (bytes < 1200 || bytes > 65_000) {
      throw new IllegalArgumentException("the largest datagram must be 1200 to 65000 bytes");
    }
    maxDatagram = bytes;
    return this;
  }

  /** Whether UDP is used at all. */
  public MagicSocketBuilder directEnabled(boolean enabled) {
    direct = enabled;
    return this;
  }

  /** Whether relays are used at all. */
  public MagicSocketBuilder relayEnabled(boolean enabled) {
    relay = enabled;
    return this;
  }

  /** Takes what arrives. Required. */
  public MagicSocketBuilder receiver(DatagramReceiver datagrams) {
    receiver = datagrams;
    return this;
  }

  /**
   * Hears of peers in use to whom no way works any more, on the executor of {@link #callbacks}: who
   * knows more of them may say so by {@link MagicSocket#addFound}.
   */
  public MagicSocketBuilder onLost(Consumer<NodeId> listener) {
    onLost = listener;
    return this;
  }

  /** Hears, on the executor of {@link #callbacks}, that the host is on another network. */
  public MagicSocketBuilder onNetworkChange(Runnable listener) {
    onNetworkChange = listener;
    return this;
  }

  /** Runs listeners. */
  public MagicSocketBuilder callbacks(Executor executor) {
    callbacks = executor;
    return this;
  }

  /**
   * Binds and starts; waits for the sockets, so not on the loop.
   *
   * @throws EndpointBindException if a socket that was asked for cannot be had
   */
  public MagicSocket bind() throws EndpointBindException {
    Objects.requireNonNull(eventLoop, "eventLoop");
    Objects.requireNonNull(receiver, "receiver");
    return new MagicSocket(this).start();
  }
}
