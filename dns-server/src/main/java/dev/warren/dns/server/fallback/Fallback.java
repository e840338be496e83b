package dev.warren.dns.server.fallback;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where a server looks for a key of which nobody gave it a packet: the Mainline DHT, for example.
 * The server asks for few keys at once, waits for a few seconds, and remembers what it got and what
 * it did not get, so an implementation need not.
 */
public interface Fallback {
  /**
   * Looks for the newest packet of {@code id}. Must return at once; called on any thread.
   *
   * @return empty if there is none; a failure counts as empty, but is not remembered
   */
  CompletionStage<Optional<SignedPacket>> find(NodeId id);
}
