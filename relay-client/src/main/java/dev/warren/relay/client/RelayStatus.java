package dev.warren.relay.client;

import dev.warren.base.RelayUrl;
import dev.warren.relay.client.state.RelayFailure;
import java.time.Duration;

/** How a relay connection stands. */
public sealed interface RelayStatus {
  /** No relay is configured. */
  record Disabled() implements RelayStatus {}

  /** The first attempt is under way. */
  record Connecting(RelayUrl url) implements RelayStatus {}

  /** Connected and authenticated; {@code rtt} is zero until the first ping came back. */
  record Connected(RelayUrl url, Duration rtt) implements RelayStatus {}

  /**
   * Lost or failed; trying again.
   *
   * @param attempt attempts that failed since the relay worked, one at least
   * @param cause what was tried and what to do, for people; {@code kind} is for code
   */
  record Reconnecting(RelayUrl url, int attempt, String cause, RelayFailure kind)
      implements RelayStatus {
    /** Of the kind {@link RelayFailure#LOST}. */
    public Reconnecting(RelayUrl url, int attempt, String cause) {
      this(url, attempt, cause, RelayFailure.LOST);
    }
  }

  /**
   * The relay does not let us in: the token, or our id, is not one that it knows. It is asked again
   * after {@code retryIn}, which grows from half a minute to half an hour; at once when the token
   * supplier gives another token (it is asked twice a second) or by {@link RelayClient#retryNow}.
   *
   * @param reason the relay's words, one line
   */
  record NotAuthorized(RelayUrl url, String reason, Duration retryIn) implements RelayStatus {}
}
