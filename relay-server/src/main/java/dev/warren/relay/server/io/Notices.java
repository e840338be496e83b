package dev.warren.relay.server.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.server.logic.DrainPlan;
import java.nio.ByteBuffer;

/**
 * What a relay has to tell a client that is in, in the words of its dialect: version 2 has codes,
 * the others texts for people (relay-protocol sections A8 and B7). Event loop only.
 */
final class Notices {
  private final Dialect dialect;
  private final Outlet outlet;

  Notices(Dialect dialect, Outlet outlet) {
    this.dialect = dialect;
    this.outlet = outlet;
  }

  /** It is in; a legacy client is not told. */
  void confirmed() {
    if (!dialect.isLegacy()) {
      outlet.say(RelayFrames.CONFIRMED, new byte[0]);
    }
  }

  /** Another connection has its id now, or has it no more. */
  void replaced(boolean replaced) {
    if (replaced) {
      status(RelayFrames.STATUS_REPLACED, "another connection has this id");
    } else {
      status(RelayFrames.STATUS_HEALTHY, "active again");
    }
  }

  void heldBack() {
    status(RelayFrames.STATUS_RATE_LIMITED, "what you send is being held back");
  }

  private void status(int status, String text) {
    if (dialect == Dialect.MODERN_V2) {
      outlet.say(RelayFrames.STATUS, new byte[] {(byte) status});
    } else {
      outlet.say(dialect.healthType(), text.getBytes(UTF_8));
    }
  }

  /** A peer that it was sent to has left. The code is the same in all dialects. */
  void gone(byte[] peer) {
    outlet.say(RelayFrames.GONE, peer);
  }

  /**
   * The relay goes away.
   *
   * @param share this client's part of the time in which all come back, between 0 and 1
   */
  void restarting(DrainPlan plan, double share) {
    ByteBuffer times = ByteBuffer.allocate(8);
    times.putInt(plan.reconnectInMillis(share)).putInt(plan.tryForMillis());
    outlet.say(dialect.restartingType(), times.array());
  }
}
