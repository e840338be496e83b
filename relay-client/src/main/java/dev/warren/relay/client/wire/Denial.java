package dev.warren.relay.client.wire;

import dev.warren.base.wire.PostcardException;
import dev.warren.base.wire.PostcardReader;
import java.util.Arrays;
import java.util.Set;

/**
 * What a Denied frame says (relay-protocol section A5.2). Its reason is for people; but Warren's
 * relays also deny whom they would take at another time, and a client that knows these words can
 * try again soon. Stateless.
 */
public final class Denial {
  /** The relay drains. */
  public static final String GOING_AWAY = "this relay is going away";

  /** Said by Warren's relays to whom they have no room for now, and of no token or id. */
  private static final Set<String> TEMPORARY =
      Set.of(
          GOING_AWAY,
          "too many connections at once",
          "the relay is full",
          "too many clients at this address",
          "too many connections with this id",
          "this id connects too often",
          "too many connections are being established");

  private Denial() {}

  /** The reason in a whole frame; whatever else it holds, it is a denial. */
  public static String reason(byte[] frame) {
    try {
      String text = new PostcardReader(Arrays.copyOfRange(frame, 1, frame.length)).string();
      return text.isBlank() ? "no reason given" : text;
    } catch (PostcardException malformed) {
      return "a reason that cannot be read";
    }
  }

  /** Whether these are words for someone who may come again soon. */
  public static boolean isTemporary(String reason) {
    return TEMPORARY.contains(reason);
  }
}
