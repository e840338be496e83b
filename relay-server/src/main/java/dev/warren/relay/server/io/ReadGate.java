package dev.warren.relay.server.io;

import io.netty.channel.Channel;

/** Whether a client's socket is read: not while there is any reason against it. Event loop only. */
final class ReadGate {
  /** Why not to read. */
  enum Hold {
    /** Whether it may come in is being found out. */
    DECISION,
    /** It sends faster than it may. */
    RATE
  }

  private int holds;

  void hold(Channel channel, Hold reason) {
    holds |= 1 << reason.ordinal();
    channel.config().setAutoRead(false);
  }

  void release(Channel channel, Hold reason) {
    holds &= ~(1 << reason.ordinal());
    channel.config().setAutoRead(holds == 0);
  }

  boolean isHeld(Hold reason) {
    return (holds & 1 << reason.ordinal()) != 0;
  }
}
