package dev.warren.relay.server.io;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Frames for one client from other event loops. Bounded, and without memory while it is empty. Any
 * thread.
 */
final class Inbox {
  /** Frames that may wait for a client's event loop, which is not its socket. */
  static final int FRAMES = 1024;

  /** Bytes of these: as many as may wait for the client itself by default. */
  static final int BYTES = 4 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ArrayDeque<ByteBuf> frames;
  private int bytes;
  private boolean called;
  private boolean closed;

  /** What became of a frame. */
  enum Added {
    /** It is in; somebody was called already. */
    YES,
    /** It is in, and the event loop must be called to take it. */
    CALL,
    /** No room, or nobody there: still the caller's. */
    NO
  }

  Added add(ByteBuf frame) {
    lock.lock();
    try {
      int n = frame.readableBytes();
      if (closed || bytes + n > BYTES || frames != null && frames.size() >= FRAMES) {
        return Added.NO;
      }
      if (frames == null) {
        frames = new ArrayDeque<>();
      }
      frames.add(frame);
      bytes += n;
      if (called) {
        return Added.YES;
      }
      called = true;
      return Added.CALL;
    } finally {
      lock.unlock();
    }
  }

  /** The next frame, or null; then whoever adds calls again. */
  @Nullable ByteBuf poll() {
    lock.lock();
    try {
      ByteBuf frame = frames == null ? null : frames.poll();
      if (frame == null) {
        called = false;
      } else {
        bytes -= frame.readableBytes();
      }
      return frame;
    } finally {
      lock.unlock();
    }
  }

  /** Gives the memory back that a burst has left. */
  void trim() {
    lock.lock();
    try {
      if (frames != null && frames.isEmpty()) {
        frames = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more and drops what there is. */
  void close() {
    lock.lock();
    try {
      closed = true;
      if (frames != null) {
        frames.forEach(ByteBuf::release);
        frames = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
