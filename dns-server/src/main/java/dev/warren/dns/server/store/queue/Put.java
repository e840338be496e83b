package dev.warren.dns.server.store.queue;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.Upsert;
import java.util.concurrent.CompletableFuture;

/** A packet on its way into a store. */
public record Put(SignedPacket packet, byte[] bytes, CompletableFuture<Upsert> done) {
  static Put of(SignedPacket packet) {
    return new Put(packet, packet.toBytes(), new CompletableFuture<>());
  }
}
