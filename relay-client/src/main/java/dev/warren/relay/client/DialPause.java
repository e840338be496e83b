package dev.warren.relay.client;

import dev.warren.relay.client.logic.Redial;
import io.netty.channel.EventLoop;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time between two dials: how long it is ({@link Redial}), and what ends it early. Event loop
 * only.
 */
final class DialPause {
  private final EventLoop loop;
  private final Redial redial;
  private final TokenWatch tokens;
  private final Runnable dial;
  private @Nullable ScheduledFuture<?> next;
  private boolean resting;
  private boolean denied;

  /** {@code dial} must {@link #end} it. */
  DialPause(EventLoop loop, Redial redial, TokenWatch tokens, Runnable dial) {
    this.loop = loop;
    this.redial = redial;
    this.tokens = tokens;
    this.dial = dial;
  }

  /** After a connection; {@code good}: it worked. */
  void afterConnection(boolean good) {
    begin(redial.onLost(good, System.nanoTime()), false);
  }

  /** After an attempt. */
  void afterFailure() {
    begin(redial.onFailed(System.nanoTime()), false);
  }

  /** After a refusal of this token; another one ends the pause. Returns how long it is, ms. */
  long afterDenial(@Nullable String token) {
    long delay = redial.onDenied();
    begin(delay, true);
    tokens.start(token, this::cutShort);
    return delay;
  }

  private void begin(long delay, boolean refused) {
    end();
    resting = true;
    denied = refused;
    next = loop.schedule(dial, delay, TimeUnit.MILLISECONDS);
  }

  boolean resting() {
    return resting;
  }

  /**
   * Dials now if this is a pause, but what the relay refuses it will refuse again: the next one is
   * no shorter. What failed on another network says nothing of this one.
   */
  void onNetworkChange() {
    if (resting && denied) {
      dial.run();
    } else {
      cutShort();
    }
  }

  /** Dials now if this is a pause; pauses are short again. */
  void cutShort() {
    redial.onChange();
    if (resting) {
      dial.run();
    }
  }

  void end() {
    resting = false;
    denied = false;
    tokens.stop();
    if (next != null) {
      next.cancel(false);
      next = null;
    }
  }
}
