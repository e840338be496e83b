package dev.warren.benchmarks;

import java.util.List;

/**
 * What is measured: Warren, or bare Netty QUIC with the same transport settings. Both do the same
 * work over the same number of streams.
 */
interface Stack extends AutoCloseable {
  /** Starts to serve; returns the address for {@link #dial}. */
  String serve() throws Exception;

  /** A connection whose handshake is complete on both sides. */
  Link dial(String address) throws Exception;

  @Override
  void close() throws Exception;

  /** One connection. */
  interface Link extends AutoCloseable {
    /**
     * Sends {@code bytes} over each of so many streams at once and waits until the server has
     * counted them all.
     */
    void bulk(long bytes, int streams) throws Exception;

    /** So many round trips of a small message on one stream; nanoseconds of each. */
    long[] pingPong(int size, int count) throws Exception;

    @Override
    void close() throws Exception;
  }

  /** Those that are compared. */
  static Stack of(String name, List<String> options) throws Exception {
    return switch (name) {
      case "bare" -> new BareStack();
      case "warren" -> new WarrenStack(options, false);
      case "warren-blocking" -> new WarrenStack(options, true);
      default -> throw new IllegalArgumentException("no stack is called " + name);
    };
  }
}
