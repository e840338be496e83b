package dev.warren.dns.server.io;

import dev.warren.dns.server.logic.KeyZone;
import dev.warren.dns.server.logic.Route;
import dev.warren.dns.server.logic.Router;
import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.Rcode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Answers queries, whatever they came over. Any thread. */
public final class Answers {
  private final Zones zones;
  private final DnsCounters counters;
  private volatile Router router;

  public Answers(Router router, Zones zones, DnsCounters counters) {
    this.router = router;
    this.zones = zones;
    this.counters = counters;
  }

  /** Other origins from now on. */
  public void router(Router next) {
    router = next;
  }

  /**
   * The answer, if all that it takes is in memory; else null, and {@code later} is called once with
   * it, on any thread.
   */
  @Nullable Answer to(Query query, Consumer<Answer> later) {
    counters.requests.increment();
    Route route = router.route(query);
    if (route instanceof Route.Known known) {
      return counted(known.answer());
    }
    Route.Key wanted = (Route.Key) route;
    KeyZone zone = zones.cached(wanted.key());
    if (zone != null) {
      return counted(wanted.answer(query, zone));
    }
    zones.find(wanted.key(), found -> later.accept(counted(answer(query, wanted, found))));
    return null;
  }

  private static Answer answer(Query query, Route.Key wanted, @Nullable KeyZone zone) {
    return zone == null ? Answer.error(Rcode.SERVFAIL) : wanted.answer(query, zone);
  }

  private Answer counted(Answer answer) {
    counters.onAnswer(answer);
    return answer;
  }
}
