package dev.warren.relay.server.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The memory of a relay's sockets: an arena for each event loop, and a chunk in each that stays.
 *
 * <p>What a client sent leaves as slices of its receive buffer, so buffers are given back in bursts
 * and in any order. Netty's default allocator takes new chunks meanwhile, and fills them with
 * zeros: a fifth of the relay's CPU in bulk. Arenas use theirs again, but free a chunk that is
 * empty for a moment; a page that is never given back prevents that (measured, docs/benchmarks.md).
 */
final class Arenas {
  /** 8 KiB pages, 2^11 of them: 16 MiB, more than one pair in bulk has on the way. */
  private static final int PAGE = 8192;

  private static final int ORDER = 11;

  private final PooledByteBufAllocator allocator;
  private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();

  Arenas(int loops) {
    allocator =
        new PooledByteBufAllocator(
            true,
            0,
            loops,
            PAGE,
            ORDER,
            PooledByteBufAllocator.defaultSmallCacheSize(),
            PooledByteBufAllocator.defaultNormalCacheSize(),
            false);
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
