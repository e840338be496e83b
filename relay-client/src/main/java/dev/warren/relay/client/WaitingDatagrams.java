package dev.warren.relay.client;

import dev.warren.base.NodeId;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;

/**
 * Datagrams that wait for a connection: a dial's first flight should not be lost because the relay
 * is being dialled too. Event loop only, but for the count of those dropped.
 */
final class WaitingDatagrams {
  /** How many wait, and how long (relay-protocol section A9). */
  private static final int MAX = 64;

  private static final long WAIT_NANOS = 3_000_000_000L;

  private record Waiting(NodeId destination, ByteBuf data, int segmentSize, long since) {}

  /** Takes ownership of the data; false if it was dropped. */
  interface Sender {
    boolean send(NodeId destination, ByteBuf data, int segmentSize);
  }

  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final LongAdder dropped;
  private boolean closed;

  WaitingDatagrams(LongAdder dropped) {
    this.dropped = dropped;
  }

  /** Takes ownership; false if it was dropped and counted. */
  boolean add(NodeId destination, ByteBuf data, int segmentSize, long now) {
    while (!waiting.isEmpty() && now - waiting.peek().since() > WAIT_NANOS) {
      waiting.poll().data().release();
      dropped.increment();
    }
    if (closed || waiting.size() >= MAX) {
      data.release();
      dropped.increment();
      return false;
    }
    waiting.add(new Waiting(destination, data, segmentSize, now));
    return true;
  }

  void sendAll(Sender sender, long now) {
    for (Waiting w = waiting.poll(); w != null; w = waiting.poll()) {
      if (now - w.since() > WAIT_NANOS) {
        w.data().release();
        dropped.increment();
      } else if (!sender.send(w.destination(), w.data(), w.segmentSize())) {
        dropped.increment();
      }
    }
  }

  /** Drops all, and whatever comes later. */
  void close() {
    closed = true;
    waiting.forEach(w -> w.data().release());
    waiting.clear();
  }
}
