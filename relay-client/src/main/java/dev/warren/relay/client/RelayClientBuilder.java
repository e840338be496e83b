package dev.warren.relay.client;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.logic.Backoff;
import dev.warren.relay.client.logic.Redial;
import dev.warren.relay.client.proxy.RelayProxy;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what a {@link RelayClient} is made of. Not thread-safe. */
public final class RelayClientBuilder {
  final RelayUrl url;
  final SecretKey key;
  final EventLoop loop;
  RelayTrust trust = RelayTrust.system();
  Executor callbacks = ForkJoinPool.commonPool();
  Lookup lookup = InetAddress::getAllByName;
  Redial redial = new Redial(new Backoff(new SecureRandom()));
  Supplier<@Nullable String> token = () -> null;
  @Nullable RelayProxy proxy;
  boolean legacy = true;
  RelayListener listener =
      new RelayListener() {
        @Override
        public void onDatagrams(NodeId source, ByteBuf data, int segmentSize) {
          data.release();
        }
      };

  /** Finds the addresses of a host, one at least; may block. */
  interface Lookup {
    InetAddress[] all(String host) throws UnknownHostException;
  }

  RelayClientBuilder(RelayUrl url, SecretKey key, EventLoop loop) {
    this.url = url;
    this.key = key;
    this.loop = loop;
  }

  public RelayClientBuilder trust(RelayTrust relayTrust) {
    trust = relayTrust;
    return this;
  }

  public RelayClientBuilder listener(RelayListener events) {
    listener = events;
    return this;
  }

  /**
   * Runs name look-ups, the token supplier and status listeners. A look-up that it rejects counts
   * as a failed attempt: the client tries again until it is closed.
   */
  public RelayClientBuilder callbacks(Executor executor) {
    callbacks = executor;
    return this;
  }

  /**
   * A token for the relay, sent as {@code Authorization: Bearer}: visible ASCII, at most 8192
   * characters. Anyone on the way reads it if the URL is http. Default: none.
   *
   * @throws IllegalArgumentException if it is no such token
   */
  public RelayClientBuilder token(String constant) {
    String checked = RelayClient.checkToken(constant);
    return token(() -> checked);
  }

  /**
   * Gives the token of the moment, or null for none. Asked before every attempt, and twice a second
   * while the relay refuses us; runs on {@link #callbacks}, may block for a moment, and an attempt
   * whose supplier throws has failed. Default: none.
   */
  public RelayClientBuilder token(Supplier<@Nullable String> supplier) {
    token = supplier;
    return this;
  }

  /** Reaches the relay through an HTTP proxy; null for directly, which is the default. */
  public RelayClientBuilder proxy(@Nullable RelayProxy httpProxy) {
    proxy = httpProxy;
    return this;
  }

  /**
   * Whether a relay up to 0.90 may be used. Its handshake is bound to no connection: whoever runs
   * one can show it to another such relay and so draw our datagrams there to himself (he cannot
   * read them). Relays since 0.91 are not concerned. Default: yes.
   */
  public RelayClientBuilder legacy(boolean allowed) {
    legacy = allowed;
    return this;
  }

  public RelayClient start() {
    return new RelayClient(this).start();
  }
}
