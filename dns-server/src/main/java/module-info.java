/** The DNS server: a pkarr relay over HTTP and authoritative DNS for what was published there. */
module dev.warren.dns.server {
  requires transitive dev.warren.base;
  requires transitive dev.warren.discovery;
  requires org.slf4j;
  requires static com.h2database.mvstore;
  requires static java.sql;
  requires static org.postgresql.jdbc;
  requires static transitive org.jspecify;

  exports dev.warren.dns.server.store;
  exports dev.warren.dns.server.store.file;
}
