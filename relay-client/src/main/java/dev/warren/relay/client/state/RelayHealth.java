package dev.warren.relay.client.state;

/**
 * What a relay says about a connection that it keeps.
 *
 * @param text words for people: the relay's own where it sends any (those before 0.98), one line;
 *     else ours
 */
public record RelayHealth(Kind kind, String text) {
  /** Nothing is known to be wrong. */
  public static final RelayHealth GOOD = new RelayHealth(Kind.HEALTHY, "healthy");

  /** What code can branch on. */
  public enum Kind {
    HEALTHY,
    /** Another connection has authenticated with our id: this one receives no more datagrams. */
    REPLACED,
    /** What we send is being throttled. */
    RATE_LIMITED,
    /** A status that we do not know, or a text. */
    OTHER
  }

  /** What the code of a Status frame means (relay-protocol section A6, iroh-1.4-changes). */
  public static RelayHealth ofCode(int code) {
    return switch (code) {
      case 0 -> GOOD;
      case 1 ->
          new RelayHealth(Kind.REPLACED, "another connection has this id; it gets the datagrams");
      case 2 -> new RelayHealth(Kind.RATE_LIMITED, "the relay throttles what we send");
      default -> new RelayHealth(Kind.OTHER, "status " + code);
    };
  }
}
