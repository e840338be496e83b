/** Endpoint, connections, streams, router: QUIC over the magic socket. */
module dev.warren.core {
  requires transitive dev.warren.base;
  requires transitive dev.warren.discovery;
  requires dev.warren.magicsock;
  requires transitive dev.warren.relay.client;
  requires transitive io.netty.buffer;
  requires io.netty.codec;
  requires transitive io.netty.codec.classes.quic;
  requires io.netty.common;
  requires io.netty.handler;
  requires transitive io.netty.transport;
  requires io.netty.transport.unix.common;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires static transitive org.jspecify;

  uses dev.warren.base.NativeLibraries;
  uses dev.warren.core.spi.IdentityForm;

  exports dev.warren.core;
  exports dev.warren.core.netty;
  exports dev.warren.core.spi;
}
