package dev.warren.relay.server.logic;

import dev.warren.base.NodeId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each id connects. Only ids that were proved come here, so that nobody can use up what
 * another may. Not thread-safe.
 */
final class IdRates {
  /**
   * Ids that are remembered, the latest: about 3 MiB. To be forgotten, an id would need as many
   * proved handshakes of others as this between two of its own.
   */
  static final int REMEMBERED = 16_384;

  /** What may come at once, in seconds of the rate: a program that starts several endpoints. */
  private static final int BURST_SECONDS = 4;

  private final int perSecond;
  private final Map<NodeId, ArrivalRate> rates =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, ArrivalRate> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param perSecond 0 for no limit
   */
  IdRates(int perSecond) {
    this.perSecond = perSecond;
  }

  boolean take(NodeId id, long now) {
    return perSecond == 0
        || rates
            .computeIfAbsent(
                id, i -> new ArrivalRate(perSecond, (long) BURST_SECONDS * perSecond, now))
            .take(now);
  }

  int remembered() {
    return rates.size();
  }
}
