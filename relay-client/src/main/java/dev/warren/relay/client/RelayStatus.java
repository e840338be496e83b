package dev.warren.relay.client;

import dev.warren.base.RelayUrl;
import java.time.Duration;

/** How a relay connection stands. */
public sealed interface RelayStatus {
  /** No relay is configured. */
  record Disabled() implements RelayStatus {}

  /** The first attempt is under way. */
  record Connecting(RelayUrl url) implements RelayStatus {}

  /** Connected and authenticated; {@code rtt} is zero until the first ping came back. */
  record Connected(RelayUrl url, Duration rtt) implements RelayStatus {}

  /** Lost or refused; trying again. */
  record Reconnecting(RelayUrl url, int attempt, String cause) implements RelayStatus {}
}
