/** One socket, many paths: UDP and relays under one datagram interface. */
module dev.warren.magicsock {
  requires transitive dev.warren.base;
  requires transitive dev.warren.relay.client;
  requires transitive io.netty.buffer;
  requires io.netty.common;
  requires transitive io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports dev.warren.magicsock to
      dev.warren.core;
  exports dev.warren.magicsock.logic to
      dev.warren.core;
}
