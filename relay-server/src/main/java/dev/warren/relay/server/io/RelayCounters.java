package dev.warren.relay.server.io;

import java.util.concurrent.atomic.LongAdder;

/** Counters of a relay. Any thread. */
public final class RelayCounters {
  /** Connections that were authenticated. */
  public final LongAdder accepted = new LongAdder();

  /** Connections that ended. */
  public final LongAdder disconnected = new LongAdder();

  /** Handshakes with a wrong signature or none in time. */
  public final LongAdder unauthenticated = new LongAdder();

  /** Payload bytes forwarded. */
  public final LongAdder bytesForwarded = new LongAdder();

  /** Frames forwarded. */
  public final LongAdder framesForwarded = new LongAdder();

  /** Frames dropped: nobody with that id is connected. */
  public final LongAdder droppedUnknown = new LongAdder();

  /** Frames dropped: the recipient's queue is full. */
  public final LongAdder droppedFull = new LongAdder();

  /** Frames dropped: empty, or too large to be forwarded. */
  public final LongAdder droppedMalformed = new LongAdder();
}
