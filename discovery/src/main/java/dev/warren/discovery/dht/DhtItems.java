package dev.warren.discovery.dht;

import dev.warren.base.NodeId;
import dev.warren.discovery.dht.logic.PutResult;
import dev.warren.discovery.dht.wire.DhtFormatException;
import dev.warren.discovery.dht.wire.MutableItem;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.SignedPacketException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Signed packets as items of the DHT and back (discovery section 8.1). Stateless. */
final class DhtItems {
  private DhtItems() {}

  static MutableItem item(SignedPacket packet) {
    return MutableItem.of(
        packet.nodeId().toBytes(), packet.timestamp(), packet.dns(), packet.signature());
  }

  /** Empty if the key's holder has stored something else there. */
  static Optional<SignedPacket> packet(NodeId id, MutableItem item) {
    try {
      return Optional.of(SignedPacket.ofParts(id, item.signature(), item.seq(), item.text()));
    } catch (DhtFormatException | SignedPacketException another) {
      return Optional.empty();
    }
  }

  static PutOutcome outcome(NodeId id, PutResult result) {
    return new PutOutcome(
        result.asked(),
        result.stored(),
        result.newer(),
        Optional.ofNullable(result.newest()).flatMap(item -> packet(id, item)));
  }

  /** When the packet was signed, by its own word; items have no negative time. */
  static Instant time(SignedPacket packet) {
    return Instant.EPOCH.plus(packet.timestamp(), ChronoUnit.MICROS);
  }
}
