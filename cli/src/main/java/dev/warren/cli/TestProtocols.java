package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.base.DatagramException;
import dev.warren.base.PeerException;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.RecvStream;
import dev.warren.core.SendStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The serving side of the test protocols of design section 6. Stateless. */
final class TestProtocols {
  static final Alpn ECHO = Alpn.of("warren-echo/0");
  static final Alpn SINK = Alpn.of("warren-sink/0");
  static final Alpn SOURCE = Alpn.of("warren-source/0");

  /** Streams begin with little memory, since there may be thousands, and fast ones get more. */
  private static final int FIRST_CHUNK = 4 * 1024;

  private static final int CHUNK = 256 * 1024;

  private TestProtocols() {}

  private interface StreamTask {
    void run() throws IOException;
  }

  private static void start(ExecutorService threads, StreamTask task) {
    threads.execute(
        () -> {
          try {
            task.run();
          } catch (IOException streamEnded) {
            // The peer knows; the stream was closed by its own try.
          }
        });
  }

  private static ExecutorService threads() {
    return Executors.newCachedThreadPool(
        r -> {
          Thread t = new Thread(r, "warren-serve");
          t.setDaemon(true);
          return t;
        });
  }

  /** Every bidirectional stream echoes until FIN, every datagram is sent back. */
  static void echo(Connection connection) throws Exception {
    ExecutorService threads = threads();
    start(threads, () -> echoDatagrams(connection));
    serveUntilClosed(
        threads,
        () -> {
          BiStream stream = connection.acceptBi();
          start(threads, () -> echo(stream));
        });
  }

  private static void serveUntilClosed(ExecutorService threads, StreamTask accept)
      throws IOException {
    try {
      for (; ; ) {
        accept.run();
      }
    } catch (PeerException closed) {
      // The connection has ended: that is how serving ends.
    } finally {
      threads.shutdown();
    }
  }

  private static void echoDatagrams(Connection connection) throws IOException {
    for (; ; ) {
      byte[] datagram = connection.receiveDatagram();
      try {
        connection.sendDatagram(ByteBuffer.wrap(datagram));
      } catch (DatagramException unfit) {
        // An empty one, or larger than fits this way: it is lost, as datagrams are.
        continue;
      }
    }
  }

  private static void echo(BiStream stream) throws IOException {
    try (stream) {
      byte[] chunk = new byte[FIRST_CHUNK];
      for (int n = stream.recv().read(chunk); n >= 0; n = stream.recv().read(chunk)) {
        stream.send().write(chunk, 0, n);
        chunk = forNext(chunk, n);
      }
      stream.send().finish();
    }
  }

  /** The same array, or a larger one once reads fill it. */
  static byte[] forNext(byte[] chunk, int read) {
    return read == chunk.length && read < CHUNK ? new byte[2 * read] : chunk;
  }

  /** Counts and hashes a unidirectional stream; answers with length and SHA-256. */
  static void sink(Connection connection) throws Exception {
    sink(connection, () -> {});
  }

  /** As {@link #sink(Connection)}; {@code arrived} runs whenever bytes have been read. */
  static void sink(Connection connection, Runnable arrived) throws Exception {
    ExecutorService threads = threads();
    serveUntilClosed(
        threads,
        () -> {
          RecvStream stream = connection.acceptUni();
          start(threads, () -> sink(connection, stream, arrived));
        });
  }

  private static void sink(Connection connection, RecvStream stream, Runnable arrived)
      throws IOException {
    try (stream) {
      MessageDigest hash = sha256();
      long total = 0;
      byte[] chunk = new byte[FIRST_CHUNK];
      for (int n = stream.read(chunk); n >= 0; n = stream.read(chunk)) {
        arrived.run();
        hash.update(chunk, 0, n);
        total += n;
        chunk = forNext(chunk, n);
      }
      try (SendStream answer = connection.openUni()) {
        answer.write(ByteBuffer.allocate(40).putLong(total).put(hash.digest()).flip());
        answer.finish();
      }
    }
  }

  /** Reads a count and answers with that many pseudo-random bytes. */
  static void source(Connection connection) throws Exception {
    ExecutorService threads = threads();
    serveUntilClosed(
        threads,
        () -> {
          BiStream stream = connection.acceptBi();
          start(threads, () -> source(stream));
        });
  }

  private static void source(BiStream stream) throws IOException {
    try (stream) {
      ByteBuffer count = ByteBuffer.allocate(8);
      stream.recv().readFully(count);
      long left = count.getLong(0);
      SplittableRandom random = new SplittableRandom(left);
      byte[] chunk = new byte[(int) Math.max(0, Math.min(left, CHUNK))];
      while (left > 0) {
        random.nextBytes(chunk);
        int n = (int) Math.min(left, chunk.length);
        stream.send().write(chunk, 0, n);
        left -= n;
      }
      stream.send().finish();
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
