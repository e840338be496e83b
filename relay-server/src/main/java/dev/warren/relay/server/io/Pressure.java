package dev.warren.relay.server.io;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.internal.PlatformDependent;

/**
 * How much may lie for one client, given how much of the process's direct memory is in use. Each
 * client has a bound of its own, but a thousand that read slowly on purpose would fill any memory
 * within theirs, and then nothing could be read from anybody. Any thread.
 */
final class Pressure {
  /** While there is memory, a client's own bounds hold. */
  static final int NONE = Integer.MAX_VALUE;

  /** With half of it used: the largest frame, beside what the kernel holds. */
  static final int LITTLE = 64 * 1024;

  /** With three quarters used: a few datagrams, so that even 10,000 clients find place for them. */
  static final int LEAST = 4 * 1024;

  /** Nanoseconds; a relay of 1 GB/s takes in 5 MB meanwhile. */
  private static final long SAMPLE_EVERY = 5_000_000;

  private final long most;
  private volatile long sampled;
  private volatile int allowance = NONE;

  Pressure(long now) {
    this(PlatformDependent.maxDirectMemory(), now);
  }

  /**
   * @param most bytes of direct memory that there are
   */
  Pressure(long most, long now) {
    this.most = most;
    this.sampled = now - SAMPLE_EVERY;
  }

  /**
   * Bytes that may lie for a client, in its queue and in its channel; one frame more if nothing
   * does. Only asks the allocator now and then.
   */
  int allowance(ByteBufAllocator allocator, long now) {
    if (now - sampled >= SAMPLE_EVERY) {
      sampled = now;
      long used =
          allocator instanceof ByteBufAllocatorMetricProvider provider
              ? provider.metric().usedDirectMemory()
              : 0;
      allowance = used > most / 4 * 3 ? LEAST : used > most / 2 ? LITTLE : NONE;
    }
    return allowance;
  }
}
