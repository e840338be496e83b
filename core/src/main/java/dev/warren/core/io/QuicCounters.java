package dev.warren.core.io;

import java.util.concurrent.atomic.LongAdder;

/** Counters of the QUIC plumbing, one set per endpoint. Any thread. */
public final class QuicCounters {
  /** Datagrams dropped because their first bytes cannot be QUIC. */
  public final LongAdder notQuic = new LongAdder();

  /** Packets that quiche addressed to something other than a peer. */
  public final LongAdder egressWithoutPeer = new LongAdder();

  /** First packets that the incoming filter ignored. */
  public final LongAdder incomingIgnored = new LongAdder();

  /** First packets answered with Retry. */
  public final LongAdder incomingRetried = new LongAdder();

  /** Connections refused by the filter or because the endpoint accepts nothing. */
  public final LongAdder incomingRefused = new LongAdder();

  /** Connections that were ready but found the accept queue full. */
  public final LongAdder acceptQueueFull = new LongAdder();

  /** Handshakes that failed because of the peer's certificate. */
  public final LongAdder identityRejected = new LongAdder();

  /** Application datagrams dropped because the receive ring was full (oldest first). */
  public final LongAdder datagramsOverflowed = new LongAdder();

  /** Application datagrams dropped because the event loop did not keep up with their sender. */
  public final LongAdder datagramsNotSent = new LongAdder();

  /** First packets answered with Retry or dropped because too many handshakes were under way. */
  public final LongAdder handshakesHeldOff = new LongAdder();

  /** Packets handed to another shard that were dropped because its inbox was full. */
  public final LongAdder shardInboxFull = new LongAdder();

  /** Streams that ended abnormally and could not be reaped (see NettyQuicInternals). */
  public final LongAdder streamsNotReaped = new LongAdder();

  /** Dials whose early data the peer took. */
  public final LongAdder earlyDataAccepted = new LongAdder();

  /** Dials whose early data the peer did not take. */
  public final LongAdder earlyDataRefused = new LongAdder();

  /** Connections opened (both sides, after the identity was proved). */
  public final LongAdder connectionsOpened = new LongAdder();

  /** Connections closed. */
  public final LongAdder connectionsClosed = new LongAdder();
}
