package dev.warren.discovery.local.wire;

import org.xbill.DNS.Name;

/** The two dialects of iroh's local discovery; who speaks one does not hear the other. */
public enum Generation {
  /** Releases up to 0.91: everything is said with a TTL of 0, and there are no PTR records. */
  IROH_0_35("_iroh.local.swarm._udp.local.", 0, false, false),

  /**
   * Releases from 0.93. Those up to 1.0 send the same records as 0.35 under another name; 1.4
   * (swarm-discovery 0.6.5, read) adds a PTR record and a TTL of 120 s, so that browsers of DNS-SD
   * see its nodes. All of them take both forms, so the newer one is written.
   */
  IROH_1("_irohv1._udp.local.", 120, true, true);

  private final Name service;
  private final long ttlSeconds;
  private final boolean pointers;
  private final boolean relays;

  Generation(String service, long ttlSeconds, boolean pointers, boolean relays) {
    this.service = Name.fromConstantString(service);
    this.ttlSeconds = ttlSeconds;
    this.pointers = pointers;
    this.relays = relays;
  }

  Name service() {
    return service;
  }

  long ttlSeconds() {
    return ttlSeconds;
  }

  /** Whether a PTR record leads from the service to the node. */
  boolean pointers() {
    return pointers;
  }

  /** Whether a node says its relay. */
  boolean relays() {
    return relays;
  }
}
