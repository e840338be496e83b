package dev.warren.discovery.dht;

import dev.warren.discovery.dht.io.BootstrapHosts;
import dev.warren.discovery.dht.io.DhtSocket;

/**
 * A participant that asks and stores but answers nobody (BEP 43), as an endpoint behind a NAT is
 * best. Between lookups it sends nothing.
 */
public final class DhtClient extends Dht {
  DhtClient(DhtSocket socket, BootstrapHosts bootstrap) {
    super(socket, bootstrap);
  }

  /** Needs bootstrap nodes. */
  public static DhtBuilder<DhtClient> builder() {
    return new DhtBuilder<>(false, DhtClient::new);
  }
}
