package dev.warren.core;

import dev.warren.base.NodeId;
import dev.warren.base.TransportAddr;
import java.util.Optional;

/**
 * Judges the first packet of a connection before any expensive cryptography.
 *
 * <p>Called <em>on an event loop</em>, possibly again for a retransmission: it must be quick and
 * must not block. An exception counts as {@link Verdict#IGNORE}.
 */
@FunctionalInterface
public interface IncomingFilter {
  /** What to do with a first packet. */
  enum Verdict {
    /** Go on with the handshake. */
    ACCEPT,
    /** Demand a round trip first: a Retry, which a spoofed source cannot answer. */
    RETRY,
    /** Say CONNECTION_REFUSED. */
    REFUSE,
    /** Say nothing. */
    IGNORE
  }

  /**
   * What is known so early.
   *
   * @param remote the source of the packet
   * @param claimedId the node that a probe or relay named for this source; not proved by QUIC yet
   * @param hasToken whether the packet bears a token, as after a Retry
   */
  record FirstPacket(TransportAddr remote, Optional<NodeId> claimedId, boolean hasToken) {}

  /** Decides. */
  Verdict judge(FirstPacket packet);
}
