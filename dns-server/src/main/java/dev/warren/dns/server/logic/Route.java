package dev.warren.dns.server.logic;

import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.KeyLabel;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.Rcode;

/** What a query needs for its answer. Immutable. */
public sealed interface Route {
  /** Nothing: this is the answer. */
  record Known(Answer answer) implements Route {}

  /**
   * The zone of a key.
   *
   * @param below how many bytes of the question's name stand before the key's label
   */
  record Key(KeyLabel key, int below, Origin origin) implements Route {
    /** The answer, now that the zone is known. */
    public Answer answer(Query query, KeyZone zone) {
      Answer found = zone.find(query.name(), below, query.type());
      if (found != null) {
        return found;
      }
      boolean exists = zone.exists(query.name(), below);
      return origin.negative(query, exists ? Rcode.NOERROR : Rcode.NXDOMAIN);
    }
  }
}
