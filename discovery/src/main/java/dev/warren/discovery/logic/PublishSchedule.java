package dev.warren.discovery.logic;

import java.time.Duration;

/**
 * When a publisher sends (discovery section 5.2): at once when its content changes, again after a
 * failure, and regularly so that the other side does not forget. Not thread-safe; the times are
 * {@link System#nanoTime()}.
 */
public final class PublishSchedule {
  /** What {@link #due()} is when nothing is to be sent. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Where the publisher stands. */
  public enum State {
    /** Nothing to say: what was published before is left to its own end. */
    EMPTY,
    /** The next sending has a time. */
    WAITING,
    SENDING,
    CLOSED
  }

  /** A failure waits a second longer than the one before it, as upstream, which has no bound. */
  private static final Duration BACK_OFF = Duration.ofSeconds(1);

  /** Our choice: a server that was away for an hour has all its nodes again a minute later. */
  static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(60);

  /**
   * Our choice: addresses that come one by one when an endpoint starts, or a network that comes and
   * goes, make two packets a second at most; the first of them goes at once.
   */
  static final Duration SPACING = Duration.ofMillis(500);

  private final Duration interval;
  private State state = State.EMPTY;
  private boolean content;
  private boolean changed;
  private boolean sentBefore;
  private long lastSent;
  private long due = NEVER;
  private int failures;

  /**
   * @param interval between sendings that work
   */
  public PublishSchedule(Duration interval) {
    this.interval = interval;
  }

  /**
   * There is something else to say.
   *
   * @param something false if it is nothing: an empty packet would replace a good one (discovery
   *     Q6), so none is sent
   */
  public void onChanged(boolean something, long now) {
    content = something;
    changed = true;
    if (state == State.EMPTY || state == State.WAITING) {
      next(now);
    }
  }

  /** Whether to send now; then one of {@link #onSucceeded} and {@link #onFailed} follows. */
  public boolean poll(long now) {
    if (state != State.WAITING || now - due < 0) {
      return false;
    }
    state = State.SENDING;
    changed = false;
    sentBefore = true;
    lastSent = now;
    return true;
  }

  /** The other side has it. */
  public void onSucceeded(long now) {
    if (state == State.SENDING) {
      failures = 0;
      due = now + interval.toNanos();
      next(now);
    }
  }

  /** The other side may not have it. */
  public void onFailed(long now) {
    if (state == State.SENDING) {
      failures++;
      long wait = Math.min(BACK_OFF.toNanos() * failures, LONGEST_BACK_OFF.toNanos());
      due = now + Math.min(wait, interval.toNanos());
      next(now);
    }
  }

  /** The way to the other side may be another: what failed is tried again without more waiting. */
  public void onNetworkChanged(long now) {
    if (state == State.WAITING && failures > 0) {
      changed = true;
      next(now);
    }
  }

  private void next(long now) {
    if (changed) {
      long earliest = sentBefore ? lastSent + SPACING.toNanos() : now;
      due = earliest - now > 0 ? earliest : now;
    }
    state = content ? State.WAITING : State.EMPTY;
  }

  /** Nothing is sent any more. */
  public void onClosed() {
    state = State.CLOSED;
  }

  /** When {@link #poll} says yes, or {@link #NEVER}. */
  public long due() {
    return state == State.WAITING ? due : NEVER;
  }

  /** Failures since the last success. */
  public int failures() {
    return failures;
  }

  public State state() {
    return state;
  }
}
