package dev.warren.discovery.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SharedLoopTest {
  private static Thread threadOf(SharedLoop share) throws Exception {
    AtomicReference<Thread> thread = new AtomicReference<>();
    share.loop().submit(() -> thread.set(Thread.currentThread())).get(10, TimeUnit.SECONDS);
    return thread.get();
  }

  @Test
  void allShareOneThreadThatEndsWithTheLast() throws Exception {
    SharedLoop first = SharedLoop.acquire();
    SharedLoop second = SharedLoop.acquire();
    Thread thread = threadOf(first);
    assertThat(threadOf(second)).isSameAs(thread);
    first.close();
    first.close();
    assertThat(threadOf(second)).as("closing twice gives back once").isSameAs(thread);
    second.close();
    assertThat(thread.isAlive()).isFalse();
    try (SharedLoop next = SharedLoop.acquire()) {
      assertThat(threadOf(next)).isNotSameAs(thread);
    }
  }

  @Test
  void itMayBeClosedOnItsOwnThread() throws Exception {
    SharedLoop share = SharedLoop.acquire();
    Thread thread = threadOf(share);
    share.loop().execute(share::close);
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }
}
