/** What every server of Warren needs, whatever it serves. */
module dev.warren.serving {
  requires transitive dev.warren.base;
  requires transitive io.netty.buffer;
  requires io.netty.codec;
  requires transitive io.netty.common;
  requires transitive io.netty.handler;
  requires transitive io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires java.net.http;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires static org.tomlj;
  requires static org.shredzone.acme4j;
  requires static transitive org.jspecify;

  // For users of every server.
  exports dev.warren.serving.config;
  exports dev.warren.serving.proxy;
  exports dev.warren.serving.tls;

  // For our servers alone.
  exports dev.warren.serving.certificates to
      dev.warren.relay.server,
      dev.warren.dns.server;
  exports dev.warren.serving.io to
      dev.warren.relay.server,
      dev.warren.dns.server;
  exports dev.warren.serving.logic to
      dev.warren.relay.server,
      dev.warren.dns.server;
  exports dev.warren.serving.pages to
      dev.warren.relay.server,
      dev.warren.dns.server;
  exports dev.warren.serving.wire to
      dev.warren.relay.server,
      dev.warren.dns.server;
}
