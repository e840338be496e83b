package dev.warren.relay.server.operation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What went through a relay, second by second, over the last {@value #KEPT} s. One thread; the time
 * is an argument.
 */
final class Throughput {
  /** Five minutes: what a person looks at after something happened. */
  static final int KEPT = 300;

  /**
   * One step.
   *
   * @param second since the first
   * @param received bytes a second since the step before
   * @param sent likewise
   */
  record Sample(long second, long received, long sent, int clients) {}

  private final ArrayDeque<Sample> samples = new ArrayDeque<>();
  private boolean started;
  private long startNanos;
  private long lastNanos;
  private long lastReceived;
  private long lastSent;

  /** Adds a step from counters that only grow. */
  void add(long nanos, long received, long sent, int clients) {
    if (!started) {
      started = true;
      startNanos = nanos;
    } else if (nanos - lastNanos > 0) {
      double seconds = (nanos - lastNanos) / 1e9;
      if (samples.size() == KEPT) {
        samples.removeFirst();
      }
      samples.add(
          new Sample(
              Math.round((nanos - startNanos) / 1e9),
              Math.round((received - lastReceived) / seconds),
              Math.round((sent - lastSent) / seconds),
              clients));
    }
    lastNanos = nanos;
    lastReceived = received;
    lastSent = sent;
  }

  /** Oldest first. */
  List<Sample> samples() {
    return new ArrayList<>(samples);
  }
}
