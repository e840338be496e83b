package dev.warren.core.io;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;

/**
 * A parent channel for a QUIC codec that has no socket: what the codec writes is taken by {@link
 * QuicEgress} before it gets here, what arrives is fired into the pipeline by {@link QuicSide}.
 *
 * <p>It has no I/O handle and so registers on epoll and NIO loops alike (measured: netty-quic-notes
 * section 2; {@code LocalChannel} and {@code EmbeddedChannel} do not). It is active from
 * registration to close, since nothing ever binds or connects it. Event loop only.
 */
final class VirtualParentChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final SocketAddress localAddress;
  private volatile boolean registered;
  private volatile boolean closed;

  VirtualParentChannel(Channel parent, SocketAddress localAddress) {
    super(parent);
    this.localAddress = localAddress;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("a virtual channel does not connect"));
      }
    };
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return localAddress;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return localAddress;
  }

  @Override
  protected void doRegister() {
    registered = true;
  }

  @Override
  protected void doBind(SocketAddress address) {}

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doClose() {
    closed = true;
  }

  @Override
  protected void doBeginRead() {}

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    // QuicEgress takes every datagram; whatever else a handler wrote is not for a network.
    while (in.current() != null) {
      in.remove(new UnsupportedOperationException("only datagrams can be written"));
    }
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isActive() {
    return registered && !closed;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
