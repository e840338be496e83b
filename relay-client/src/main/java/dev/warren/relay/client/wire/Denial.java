package dev.warren.relay.client.wire;

import dev.warren.base.wire.PostcardException;
import dev.warren.base.wire.PostcardReader;
import java.util.Arrays;

/** What a Denied frame says (relay-protocol section A5.2). Stateless. */
public final class Denial {
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
}
