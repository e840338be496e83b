/** The relay: forwards datagrams between nodes by id and can read nothing of them. */
module dev.warren.relay.server {
  requires transitive dev.warren.base;
  requires dev.warren.relay.client;
  requires transitive dev.warren.serving;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.common;
  requires io.netty.handler;
  requires transitive io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires java.net.http;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires static org.tomlj;
  requires static org.shredzone.acme4j;
  requires static transitive org.jspecify;

  exports dev.warren.relay.server;
  exports dev.warren.relay.server.access;
  exports dev.warren.relay.server.limits;
  exports dev.warren.relay.server.operation;
  exports dev.warren.relay.server.config;
}
