package dev.warren.discovery.dht;

import dev.warren.discovery.wire.SignedPacket;
import java.util.Optional;

/**
 * What became of a put.
 *
 * @param asked nodes that the packet was sent to; none if a newer one was found
 * @param stored nodes that have taken it
 * @param newer nodes that said that they hold a newer one
 * @param found the most recent packet that the DHT held before
 */
public record PutOutcome(int asked, int stored, int newer, Optional<SignedPacket> found) {
  /** Whether the packet can be found now. */
  public boolean isStored() {
    return stored > 0;
  }
}
