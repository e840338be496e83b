package dev.warren.cli;

import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** Round trips on one echo stream, each checked. Stateless; blocks. */
final class PingPong {
  /** A ball must fit into the windows of both directions, or both sides wait for each other. */
  static final int MAX_BYTES = 1 << 20;

  /** What came of it; {@code bytes} one way. */
  record Result(
      long bytes,
      long nanos,
      long firstNanos,
      double p50Micros,
      double p99Micros,
      long mismatches,
      String sha256) {
    double mibPerSecond() {
      return bytes / 1048576.0 / Math.max(1e-9, nanos / 1e9);
    }
  }

  private PingPong() {}

  static Result run(Connection connection, int bytes, int count) throws IOException {
    long[] nanos = new long[count];
    byte[] ball = new byte[bytes];
    byte[] back = new byte[bytes];
    SplittableRandom random = new SplittableRandom(bytes);
    MessageDigest hash = TestProtocols.sha256();
    long mismatches = 0;
    long start = System.nanoTime();
    try (BiStream stream = connection.openBi()) {
      for (int i = 0; i < count; i++) {
        random.nextBytes(ball);
        long thrown = System.nanoTime();
        stream.send().write(ball);
        stream.recv().readFully(ByteBuffer.wrap(back));
        nanos[i] = System.nanoTime() - thrown;
        hash.update(back);
        mismatches += Arrays.equals(ball, back) ? 0 : 1;
      }
      stream.send().finish();
    }
    long total = System.nanoTime() - start;
    long first = nanos[0];
    Arrays.sort(nanos);
    return new Result(
        (long) bytes * count,
        total,
        first,
        nanos[count / 2] / 1e3,
        nanos[Math.min(count - 1, count * 99 / 100)] / 1e3,
        mismatches,
        HexFormat.of().formatHex(hash.digest()));
  }
}
