package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.core.io.QuicConnection;
import dev.warren.core.io.StreamCounts;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams that end otherwise than by their end must leave nothing behind on a long connection. */
class AbortedStreamsTest {
  private static final int STREAMS = 100_000;

  /** Objects of 100,000 forgotten streams would be far above this. */
  private static final long HEAP_SLACK = 32L * 1024 * 1024;

  /** What quiche keeps of 96,000 streams would be about as many KiB; heap and code vary by less. */
  private static final long MEMORY_SLACK = 64L * 1024 * 1024;

  private static final Path STATM = Path.of("/proc/self/statm");

  private interface Acceptor {
    void acceptAndClose() throws Exception;
  }

  private static CompletableFuture<Void> forever(Acceptor acceptor, AtomicInteger accepted) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            for (; ; ) {
              acceptor.acceptAndClose();
              accepted.incrementAndGet();
            }
          } catch (Exception connectionClosed) {
            return;
          }
        },
        task -> new Thread(task, "test-acceptor").start());
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /**
   * Bytes of the process in memory without Java's heap, which grows as the collector likes, more so
   * on a busy machine; 0 where Linux does not tell. The least of a second: after a collection the
   * heap is smaller at once, and its pages go back soon after. Measured: 250 MB of heap, 25 MB of
   * the rest.
   */
  private static long nativeMemory() throws IOException {
    if (!Files.exists(STATM)) {
      return 0;
    }
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      LockSupport.parkNanos(100_000_000);
      String[] pages = Files.readString(STATM).split(" ");
      least = Math.min(least, Long.parseLong(pages[1]) * 4096 - Runtime.getRuntime().totalMemory());
    }
    return least;
  }

  private static void abort(Connection connection, int i) throws Exception {
    switch (i % 3) {
      case 0 -> {
        // The peer sees a byte and the reset at once, or the reset only.
        try (SendStream stream = connection.openUni()) {
          stream.write(new byte[] {1});
        }
      }
      case 1 -> {
        try (BiStream stream = connection.openBi()) {
          stream.send().write(new byte[] {1});
        }
      }
      default -> connection.openUni().close();
    }
  }

  @Test
  @Timeout(value = 150, unit = TimeUnit.SECONDS)
  void aHundredThousandAbortedStreamsLeaveNothing() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      Connection server = link.acceptor();
      AtomicInteger accepted = new AtomicInteger();
      CompletableFuture<Void> uni = forever(() -> server.acceptUni().close(), accepted);
      CompletableFuture<Void> bi = forever(() -> server.acceptBi().close(), accepted);
      for (int i = 0; i < 4000; i++) {
        abort(link.dialler(), i);
      }
      long before = usedHeap();
      long nativeBefore = nativeMemory();
      for (int i = 4000; i < STREAMS; i++) {
        abort(link.dialler(), i);
      }
      for (QuicConnection side : new QuicConnection[] {link.dialler().quic(), server.quic()}) {
        Await.until("no stream of ours", Pair.SOON, () -> StreamCounts.ours(side) == 0);
        Await.until("no stream of the codec", Pair.SOON, () -> StreamCounts.codecs(side) == 0);
        assertThat(StreamCounts.quiches(side)).isLessThan(1100);
      }
      assertThat(accepted.get()).isPositive();
      assertThat(usedHeap() - before).isLessThan(HEAP_SLACK);
      assertThat(nativeMemory() - nativeBefore).isLessThan(MEMORY_SLACK);
      link.dialler().close();
      uni.get(10, TimeUnit.SECONDS);
      bi.get(10, TimeUnit.SECONDS);
      assertThat(pair.server.metrics().get("quic.streams_not_reaped")).isZero();
      assertThat(pair.client.metrics().get("quic.streams_not_reaped")).isZero();
    }
  }

  /** The peer does not read the end that was sent, and we do not read its answer. */
  @Test
  void finishedStreamsThatBothSidesCloseUnreadGiveTheirCreditBack() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      CompletableFuture<Void> acceptor =
          forever(() -> link.acceptor().acceptBi().close(), new AtomicInteger());
      for (int i = 0; i < 10_000; i++) {
        try (BiStream stream = link.dialler().openBiAsync().get(10, TimeUnit.SECONDS)) {
          stream.send().write(new byte[] {1});
          stream.send().finish();
        }
      }
      link.dialler().close();
      acceptor.get(10, TimeUnit.SECONDS);
    }
  }

  /** Nobody accepts: what was aborted must not use up the stream limit, nor pile up. */
  @Test
  void streamsAbortedBeforeAnybodyAcceptsThemAreForgotten() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      for (int i = 0; i < 2000; i++) {
        SendStream stream = link.dialler().openUniAsync().get(10, TimeUnit.SECONDS);
        stream.close();
      }
      QuicConnection server = link.acceptor().quic();
      Await.until("no stream of ours", Pair.SOON, () -> StreamCounts.ours(server) == 0);
      Await.until("no stream of the codec", Pair.SOON, () -> StreamCounts.codecs(server) == 0);
    }
  }
}
