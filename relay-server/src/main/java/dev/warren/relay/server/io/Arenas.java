package dev.warren.relay.server.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory of a relay's sockets: an arena for each event loop, and a chunk in each that stays.
 *
 * <p>What a client sent leaves as slices of its receive buffer, so buffers are given back in bursts
 * and in any order. Netty's default allocator takes new chunks meanwhile, and fills them with
 * zeros: a fifth of the relay's CPU in bulk. Arenas use theirs again, but free a chunk that is
 * empty for a moment; a page that is never given back prevents that (measured, docs/benchmarks.md).
 *
 * <p>The relays of a process share their arenas, one after the other too. Netty frees the last
 * chunk of an arena when that is collected and finalized, and no sooner: with arenas of its own
 * each relay that is closed would leave 16 MiB a loop behind, and a process that opens some more
 * before that time would find no direct memory.
 */
final class Arenas {
  /** 8 KiB pages, 2^11 of them: 16 MiB, more than one pair in bulk has on the way. */
  private static final int PAGE = 8192;

  private static final int ORDER = 11;

  private static final ReentrantLock LOCK = new ReentrantLock();

  /** Of no use to a process that has no relay any more. */
  private static WeakReference<PooledByteBufAllocator> shared = new WeakReference<>(null);

  private final PooledByteBufAllocator allocator;
  private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();

  /**
   * @param loops event loops of each relay of this process
   */
  Arenas(int loops) {
    allocator = shared(loops);
  }

  private static PooledByteBufAllocator shared(int loops) {
    LOCK.lock();
    try {
      PooledByteBufAllocator present = shared.get();
      if (present == null) {
        present =
            new PooledByteBufAllocator(
                true,
                0,
                loops,
                PAGE,
                ORDER,
                PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(),
                false);
        shared = new WeakReference<>(present);
      }
      return present;
    } finally {
      LOCK.unlock();
    }
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  /** Takes each loop's chunk now, on the loop, as an arena belongs to a thread. */
  void keepChunks(EventLoopGroup group) {
    for (EventExecutor loop : group) {
      loop.execute(() -> kept.add(allocator.directBuffer(PAGE, PAGE)));
    }
  }

  /** The loops have ended. */
  void release() {
    for (ByteBuf page = kept.poll(); page != null; page = kept.poll()) {
      page.release();
    }
  }
}
