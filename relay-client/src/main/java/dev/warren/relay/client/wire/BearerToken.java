package dev.warren.relay.client.wire;

/** What may be sent as {@code Authorization: Bearer} (RFC 6750 section 2.1). Stateless. */
public final class BearerToken {
  /** Longest token, characters: half of the {@link HttpHead} that the relay takes. */
  public static final int MAX = HttpHead.MAX / 2;

  private BearerToken() {}

  /**
   * Returns the token.
   *
   * @throws IllegalArgumentException if no header may carry it; the message does not repeat it
   */
  public static String check(String token) {
    if (token.isEmpty() || token.length() > MAX) {
      throw new IllegalArgumentException(
          "a relay token has 1 to " + MAX + " characters, not " + token.length());
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(
          "a relay token is visible ASCII without blanks; this one is not");
    }
    return token;
  }
}
