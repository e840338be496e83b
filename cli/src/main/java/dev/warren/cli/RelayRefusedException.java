package dev.warren.cli;

import dev.warren.relay.client.RelayStatus;
import java.io.IOException;

/** Our relay does not let us in, and there is no other way: exit code 1. */
final class RelayRefusedException extends IOException {
  private static final long serialVersionUID = 1;

  RelayRefusedException(RelayStatus.NotAuthorized refusal) {
    super(
        "the relay "
            + refusal.url()
            + " does not let us in: "
            + refusal.reason()
            + "; it may want another token, see --relay-token and --relay-token-file");
  }
}
