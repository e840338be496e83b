/** The relay protocol: the codec of both ends, and the client. */
module dev.warren.relay.client {
  requires transitive dev.warren.base;
  requires transitive io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.common;
  requires io.netty.handler;
  requires transitive io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires jdk.net;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports dev.warren.relay.client;
  exports dev.warren.relay.client.proxy;
  exports dev.warren.relay.client.state;
  exports dev.warren.relay.client.wire to
      dev.warren.relay.server;
}
