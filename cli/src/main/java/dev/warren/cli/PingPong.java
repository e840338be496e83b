package dev.warren.cli;

import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Round trips on one echo stream, each checked. Stateless; blocks. */
final class PingPong {
  /** A ball must fit into the windows of both directions, or both sides wait for each other. */
  static final int MAX_BYTES = 1 << 20;

  /** What came of it; {@code bytes} one way. */
  record Result(long bytes, long nanos, double p50Micros, double p99Micros, long mismatches) {}

  private PingPong() {}

  static Result run(Connection connection, int bytes, int count) throws IOException {
    long[] nanos = new long[count];
    byte[] ball = new byte[bytes];
    byte[] back = new byte[bytes];
    SplittableRandom random = new SplittableRandom(bytes);
    long mismatches = 0;
    long start = System.nanoTime();
    try (BiStream stream = connection.openBi()) {
      for (int i = 0; i < count; i++) {
        random.nextBytes(ball);
        long thrown = System.nanoTime();
        stream.send().write(ball);
        stream.recv().readFully(ByteBuffer.wrap(back));
        nanos[i] = System.nanoTime() - thrown;
        mismatches += Arrays.equals(ball, back) ? 0 : 1;
      }
      stream.send().finish();
    }
    long total = System.nanoTime() - start;
    Arrays.sort(nanos);
    return new Result(
        (long) bytes * count,
        total,
        nanos[count / 2] / 1e3,
        nanos[Math.min(count - 1, count * 99 / 100)] / 1e3,
        mismatches);
  }
}
