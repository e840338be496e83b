package dev.warren.discovery.logic;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * When which attempt of one lookup begins (discovery section 6): the first at once, each other at
 * its own delay whatever became of those before; the first success ends all. Not thread-safe; the
 * times are {@link System#nanoTime()}.
 */
public final class StaggeredAttempts {
  /** What {@link #due()} is when nothing is left to begin. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Where the lookup stands. */
  public enum State {
    RUNNING,
    WON,
    /** Every attempt was made and failed. */
    LOST,
    CANCELLED
  }

  private final long start;
  private final long[] delays;
  private final boolean[] begun;
  private int left;
  private int running;
  private State state = State.RUNNING;

  /**
   * @param delays of the attempts after the first, in any order
   */
  public StaggeredAttempts(long now, List<Duration> delays) {
    this.start = now;
    this.delays = new long[delays.size() + 1];
    for (int i = 0; i < delays.size(); i++) {
      this.delays[i + 1] = delays.get(i).toNanos();
    }
    this.begun = new boolean[this.delays.length];
    this.left = this.delays.length;
  }

  /** The number of an attempt to begin now, from 0; call again until there is none. */
  public OptionalInt poll(long now) {
    int next = earliest();
    if (state != State.RUNNING || next < 0 || now - start < delays[next]) {
      return OptionalInt.empty();
    }
    begun[next] = true;
    left--;
    running++;
    return OptionalInt.of(next);
  }

  /** When {@link #poll} has the next, or {@link #NEVER}. */
  public long due() {
    int next = earliest();
    return state != State.RUNNING || next < 0 ? NEVER : start + delays[next];
  }

  private int earliest() {
    int next = -1;
    for (int i = 0; i < delays.length; i++) {
      if (!begun[i] && (next < 0 || delays[i] < delays[next])) {
        next = i;
      }
    }
    return next;
  }

  /** One of the running attempts failed; the others go on, and those to come begin when due. */
  public void onFailed() {
    if (state == State.RUNNING) {
      running--;
      if (running == 0 && left == 0) {
        state = State.LOST;
      }
    }
  }

  /** One of them succeeded: the others are to be ended. */
  public void onSucceeded() {
    if (state == State.RUNNING) {
      state = State.WON;
    }
  }

  /** Nobody wants the answer any more. */
  public void onCancelled() {
    if (state == State.RUNNING) {
      state = State.CANCELLED;
    }
  }

  public State state() {
    return state;
  }
}
