package dev.warren.relay.client;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.logic.Backoff;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** Collects what a {@link RelayClient} is made of. Not thread-safe. */
public final class RelayClientBuilder {
  final RelayUrl url;
  final SecretKey key;
  final EventLoop loop;
  RelayTrust trust = RelayTrust.system();
  Executor callbacks = ForkJoinPool.commonPool();
  Lookup lookup = InetAddress::getAllByName;
  Backoff backoff = new Backoff(new SecureRandom());
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
   * Runs name look-ups and status listeners. A look-up that it rejects counts as a failed attempt:
   * the client tries again until it is closed.
   */
  public RelayClientBuilder callbacks(Executor executor) {
    callbacks = executor;
    return this;
  }

  public RelayClient start() {
    return new RelayClient(this).start();
  }
}
