/** The DNS server: a pkarr relay over HTTP and authoritative DNS for what was published there. */
module dev.warren.dns.server {
  requires transitive dev.warren.base;
  requires transitive dev.warren.discovery;
  requires transitive dev.warren.serving;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires org.slf4j;
  requires static com.h2database.mvstore;
  requires static java.sql;
  requires static org.postgresql.jdbc;
  requires static org.tomlj;
  requires static transitive org.jspecify;

  exports dev.warren.dns.server;
  exports dev.warren.dns.server.config;
  exports dev.warren.dns.server.fallback;
  exports dev.warren.dns.server.limits;
  exports dev.warren.dns.server.store;
  exports dev.warren.dns.server.store.file;
  exports dev.warren.dns.server.store.postgres;
  exports dev.warren.dns.server.zone;
}
