package dev.warren.magicsock;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Datagrams that another event loop sends to one peer: gathered until its flush, then given to the
 * socket loop in one task. Any thread.
 */
final class Handover {
  /**
   * Batches that may wait for the socket loop; beyond it they are dropped, as a full socket would.
   */
  static final int LIMIT = 4096;

  private final MagicSocket socket;
  private final Peer peer;
  private final ReentrantLock lock = new ReentrantLock();
  private List<Item> items = new ArrayList<>();

  private record Item(ByteBuf data, int segmentSize) {}

  Handover(MagicSocket socket, Peer peer) {
    this.socket = socket;
    this.peer = peer;
  }

  void add(ByteBuf data, int segmentSize) {
    lock.lock();
    try {
      if (items.size() < LIMIT) {
        items.add(new Item(data, segmentSize));
        return;
      }
    } finally {
      lock.unlock();
    }
    data.release();
    socket.metrics().count(MagicSocketMetrics.Counter.SEND_UNWRITABLE);
  }

  void flush() {
    try {
      socket.loop().execute(this::drain);
    } catch (RejectedExecutionException closed) {
      take().forEach(i -> i.data().release());
    }
  }

  private void drain() {
    for (Item item : take()) {
      socket.transmit(peer.resolved(), item.data(), item.segmentSize());
    }
    socket.flush();
  }

  private List<Item> take() {
    lock.lock();
    try {
      List<Item> taken = items;
      items = new ArrayList<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
