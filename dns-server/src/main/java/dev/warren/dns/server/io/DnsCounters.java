package dev.warren.dns.server.io;

import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.Rcode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened, by the names of dns-server section 9 and ours. Any thread. */
public final class DnsCounters {
  private final Map<String, LongAdder> all = new LinkedHashMap<>();

  final LongAdder publishUpdate = named("pkarr_publish_update");
  final LongAdder publishNoop = named("pkarr_publish_noop");
  final LongAdder requests = named("dns_requests");
  final LongAdder requestsUdp = named("dns_requests_udp");
  final LongAdder requestsHttps = named("dns_requests_https");
  final LongAdder lookupSuccess = named("dns_lookup_success");
  final LongAdder lookupNotFound = named("dns_lookup_notfound");
  final LongAdder lookupError = named("dns_lookup_error");
  final LongAdder httpRequests = named("http_requests");
  final LongAdder httpSuccess = named("http_requests_success");
  final LongAdder httpError = named("http_requests_error");
  final LongAdder httpMillis = named("http_requests_duration_ms");

  final LongAdder publishRefused = named("pkarr_publish_refused");
  final LongAdder publishLimited = named("pkarr_publish_limited");
  final LongAdder publishOverloaded = named("pkarr_publish_overloaded");
  final LongAdder publishFailed = named("pkarr_publish_failed");
  final LongAdder datagramsIgnored = named("dns_datagrams_ignored");
  final LongAdder datagramsDropped = named("dns_datagrams_dropped");
  final LongAdder answersLimited = named("dns_answers_limited");
  final LongAdder lookupsRefused = named("dns_lookups_refused");
  final LongAdder storeReads = named("store_reads");
  final LongAdder storeReadFailures = named("store_read_failures");
  final LongAdder fallbackLookups = named("fallback_lookups");
  final LongAdder fallbackFound = named("fallback_found");
  final LongAdder fallbackRefused = named("fallback_refused");
  final LongAdder connections = named("connections_accepted");
  final LongAdder connectionsCut = named("connections_cut");
  final LongAdder acceptFailures = named("accept_failures");
  final LongAdder tlsFailures = named("tls_failures");
  final LongAdder proxyRefused = named("proxy_refused");
  final LongAdder timeouts = named("request_timeouts");
  final LongAdder badRequests = named("http_bad_requests");

  private LongAdder named(String name) {
    LongAdder counter = new LongAdder();
    all.put(name, counter);
    return counter;
  }

  void onAnswer(Answer answer) {
    if (answer.rcode() == Rcode.NOERROR && answer.answerCount() > 0) {
      lookupSuccess.increment();
    } else if (answer.rcode() == Rcode.NOERROR || answer.rcode() == Rcode.NXDOMAIN) {
      lookupNotFound.increment();
    } else {
      lookupError.increment();
    }
  }

  /** Counters by name. */
  public Map<String, Long> snapshot() {
    Map<String, Long> now = new LinkedHashMap<>();
    all.forEach((name, counter) -> now.put(name, counter.sum()));
    return now;
  }
}
