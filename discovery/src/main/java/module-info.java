/** The addresses of a known id. */
module dev.warren.discovery {
  requires transitive dev.warren.base;
  requires org.bouncycastle.provider;
  requires transitive org.dnsjava;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports dev.warren.discovery;
  exports dev.warren.discovery.dht;
  exports dev.warren.discovery.wire;
}
