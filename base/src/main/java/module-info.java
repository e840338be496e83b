/** Identities, addresses, relay URLs, tickets, and the vocabulary of errors. No I/O, no Netty. */
module dev.warren.base {
  requires org.bouncycastle.provider;
  requires static transitive org.jspecify;

  exports dev.warren.base;
  exports dev.warren.base.stun;
  exports dev.warren.base.wire to
      dev.warren.relay.client,
      dev.warren.relay.server,
      dev.warren.magicsock,
      dev.warren.discovery,
      dev.warren.core,
      dev.warren.cli;
}
