package dev.warren.magicsock.logic;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a datagram goes; one for each peer, filled anew each time. Socket loop only. */
public final class PathChoice {
  /** The direct path in use, or null. */
  public @Nullable UdpPath direct;

  /** Whether the relay gets it (too). */
  public boolean relay;

  /**
   * The direct path is not known to carry a datagram of this size, or one shortly before: the relay
   * should get it alone. Without a relay that reaches the peer it goes direct all the same, in
   * fragments.
   */
  public boolean tooLarge;

  /** Unconfirmed candidates that get copies. */
  public final List<UdpPath> copies = new ArrayList<>(PathTable.FAN_OUT);
}
