package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.RecvStream;
import dev.warren.core.SendStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The dialling side of the test protocols: moves bytes over streams and checks every one of them.
 */
final class Transfer {
  private static final int CHUNK = 256 * 1024;

  /**
   * What came of it.
   *
   * @param firstByteNanos until the first byte came back
   * @param mismatches bytes, lengths or hashes that differ
   * @param sha256 of what one stream carried; null if there were several
   */
  record Result(
      long bytes, long nanos, long firstByteNanos, long mismatches, @Nullable String sha256) {
    double mibPerSecond() {
      return bytes / 1048576.0 / Math.max(1e-9, nanos / 1e9);
    }
  }

  private final Connection connection;
  private final Alpn alpn;
  private final AtomicLong moved = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong mismatches = new AtomicLong();
  private final AtomicLong firstByte = new AtomicLong();
  private final Map<String, Integer> unanswered = new ConcurrentHashMap<>();
  private volatile String sha256 = "";

  Transfer(Connection connection, Alpn alpn) {
    this.connection = connection;
    this.alpn = alpn;
  }

  /** Bytes given to QUIC so far. */
  long written() {
    return written.get();
  }

  Result run(long bytes, int count, int parallel) throws IOException {
    long start = System.nanoTime();
    ExecutorService threads =
        Executors.newCachedThreadPool(
            r -> {
              Thread t = new Thread(r, "warren-transfer");
              t.setDaemon(true);
              return t;
            });
    Semaphore slots = new Semaphore(parallel);
    CompletableFuture<?>[] all = new CompletableFuture<?>[count];
    for (int i = 0; i < count; i++) {
      long seed = i;
      slots.acquireUninterruptibly();
      all[i] =
          CompletableFuture.runAsync(
              () -> {
                try {
                  one(bytes, seed, start, threads);
                } catch (IOException e) {
                  throw new CompletionException(e);
                } finally {
                  slots.release();
                }
              },
              threads);
    }
    try {
      CompletableFuture.allOf(all).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw e;
    } finally {
      threads.shutdown();
    }
    return new Result(
        moved.get(),
        System.nanoTime() - start,
        firstByte.get(),
        mismatches.get() + disagreements(),
        count == 1 ? sha256 : null);
  }

  private void one(long bytes, long seed, long start, ExecutorService threads) throws IOException {
    if (alpn.equals(TestProtocols.SINK)) {
      sink(bytes, seed, start);
    } else if (alpn.equals(TestProtocols.SOURCE)) {
      source(bytes, start);
    } else {
      echo(bytes, seed, start, threads);
    }
  }

  private void echo(long bytes, long seed, long start, ExecutorService threads) throws IOException {
    try (BiStream stream = connection.openBi()) {
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  send(stream.send(), bytes, seed, TestProtocols.sha256());
                } catch (IOException e) {
                  throw new CompletionException(e);
                }
              },
              threads);
      receive(stream.recv(), bytes, seed, start);
      writing.join();
    }
  }

  private void sink(long bytes, long seed, long start) throws IOException {
    MessageDigest hash = TestProtocols.sha256();
    try (SendStream stream = connection.openUni()) {
      send(stream, bytes, seed, hash);
      moved.addAndGet(bytes);
      String ours = HexFormat.of().formatHex(hash.digest());
      unanswered.merge(ours, 1, Integer::sum);
      sha256 = ours;
    }
    try (RecvStream answer = connection.acceptUni()) {
      firstByte.compareAndSet(0, System.nanoTime() - start);
      ByteBuffer verdict = ByteBuffer.wrap(answer.readAll(40));
      byte[] theirs = new byte[32];
      boolean whole = verdict.remaining() == 40;
      if (!whole || verdict.getLong() != bytes) {
        mismatches.incrementAndGet();
        return;
      }
      verdict.get(theirs);
      // Answers come in any order, and so may belong to another stream of ours.
      unanswered.merge(HexFormat.of().formatHex(theirs), -1, Integer::sum);
    }
  }

  /** Hashes of sink streams that only one side has. */
  private long disagreements() {
    return unanswered.values().stream().filter(n -> n != 0).count();
  }

  private void source(long bytes, long start) throws IOException {
    try (BiStream stream = connection.openBi()) {
      stream.send().write(ByteBuffer.allocate(8).putLong(bytes).flip());
      stream.send().finish();
      receive(stream.recv(), bytes, -1, start);
    }
  }

  /** Both ends of a check make their random bytes in pieces of this size; short streams little. */
  private static int chunkFor(long bytes) {
    return (int) Math.max(1, Math.min(bytes, CHUNK));
  }

  private void send(SendStream stream, long bytes, long seed, MessageDigest hash)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] chunk = new byte[chunkFor(bytes)];
    for (long left = bytes; left > 0; ) {
      random.nextBytes(chunk);
      int n = (int) Math.min(left, chunk.length);
      hash.update(chunk, 0, n);
      stream.write(chunk, 0, n);
      written.addAndGet(n);
      left -= n;
    }
    stream.finish();
  }

  private void receive(RecvStream stream, long bytes, long seed, long start) throws IOException {
    MessageDigest hash = TestProtocols.sha256();
    SplittableRandom random = new SplittableRandom(seed);
    byte[] expected = new byte[chunkFor(bytes)];
    byte[] chunk = new byte[expected.length];
    long total = 0;
    int at = expected.length;
    for (int n = stream.read(chunk); n >= 0; n = stream.read(chunk)) {
      firstByte.compareAndSet(0, System.nanoTime() - start);
      hash.update(chunk, 0, n);
      for (int checked = 0; seed >= 0 && checked < n; ) {
        if (at == expected.length) {
          random.nextBytes(expected);
          at = 0;
        }
        int k = Math.min(n - checked, expected.length - at);
        if (!Arrays.equals(chunk, checked, checked + k, expected, at, at + k)) {
          mismatches.incrementAndGet();
        }
        checked += k;
        at += k;
      }
      total += n;
      moved.addAndGet(n);
    }
    if (total != bytes) {
      mismatches.incrementAndGet();
    }
    sha256 = HexFormat.of().formatHex(hash.digest());
  }
}
