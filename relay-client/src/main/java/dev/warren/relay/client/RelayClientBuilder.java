package dev.warren.relay.client;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** Collects what a {@link RelayClient} is made of. Not thread-safe. */
public final class RelayClientBuilder {
  final RelayUrl url;
  final SecretKey key;
  final EventLoop loop;
  RelayTrust trust = RelayTrust.system();
  Executor callbacks = ForkJoinPool.commonPool();
  RelayListener listener =
      new RelayListener() {
        @Override
        public void onDatagrams(NodeId source, ByteBuf data, int segmentSize) {
          data.release();
        }
      };

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

  /** Runs name look-ups and status listeners. */
  public RelayClientBuilder callbacks(Executor executor) {
    callbacks = executor;
    return this;
  }

  public RelayClient start() {
    return new RelayClient(this).start();
  }
}
