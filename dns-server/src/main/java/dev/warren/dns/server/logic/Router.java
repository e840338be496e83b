package dev.warren.dns.server.logic;

import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.KeyLabel;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.Rcode;
import dev.warren.dns.server.wire.RecordType;
import dev.warren.dns.server.wire.WireName;
import dev.warren.dns.server.zone.Origins;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a query is about (dns-server section 6.2): a key, a name of the server's own, or
 * nothing that it speaks for. Immutable; any thread.
 */
public final class Router {
  private final List<Origin> origins = new ArrayList<>();

  public Router(Origins described) {
    described.names().forEach(name -> origins.add(new Origin(name, described)));
  }

  public Route route(Query query) {
    if (query.fault() != Rcode.NOERROR) {
      return known(Answer.error(query.fault()));
    }
    Origin origin = origin(query.name());
    boolean transfer = query.type() == RecordType.AXFR || query.type() == RecordType.IXFR;
    boolean ours = query.dnsClass() == RecordType.IN || query.dnsClass() == RecordType.ANY;
    if (origin == null || transfer || !ours) {
      return known(Answer.error(Rcode.REFUSED));
    }
    if (query.type() == RecordType.SOA) {
      return known(origin.soa(query));
    }
    return below(query, origin);
  }

  /** The first in the order of the configuration that the name ends with. */
  private @Nullable Origin origin(byte[] name) {
    for (Origin origin : origins) {
      if (WireName.suffix(name, origin.name()) >= 0) {
        return origin;
      }
    }
    return null;
  }

  private Route below(Query query, Origin origin) {
    byte[] name = query.name();
    int end = name.length - origin.name().length;
    if (end == 0) {
      return known(origin.apex(query));
    }
    int label = WireName.lastLabel(name, end);
    KeyLabel key = KeyLabel.read(name, label);
    if (key != null) {
      return new Route.Key(key, label, origin);
    }
    return known(ownName(query, origin));
  }

  /** With origins {@code .} and {@code example.}, the second's name ends with the first, too. */
  private Answer ownName(Query query, Origin matched) {
    for (Origin origin : origins) {
      int from = WireName.suffix(origin.name(), query.name());
      if (from == 0) {
        return origin.apex(query);
      }
      if (from > 0) {
        // Something is below it.
        return matched.negative(query, Rcode.NOERROR);
      }
    }
    return matched.negative(query, Rcode.NXDOMAIN);
  }

  private static Route known(Answer answer) {
    return new Route.Known(answer);
  }
}
