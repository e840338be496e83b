/** The addresses of a known id. */
module dev.warren.discovery {
  requires transitive dev.warren.base;
  requires org.bouncycastle.provider;
  requires transitive org.dnsjava;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports dev.warren.discovery;
  exports dev.warren.discovery.dht;
  exports dev.warren.discovery.dns;
  exports dev.warren.discovery.local;
  exports dev.warren.discovery.pkarr;
  exports dev.warren.discovery.wire;
}
