package dev.warren.dns.server.limits;

import java.time.Duration;

/**
 * What a server grants strangers. Immutable.
 *
 * @param cacheBytes what zones in memory may weigh together, those of keys without a packet
 *     included. Default 64 MiB
 * @param answersPerSecond datagrams that one IPv4 address or IPv6 /64 is answered in full, four
 *     times as many at once; beyond it answers are cut to their question, so that who really asked
 *     turns to TCP, and nobody else gets more than was sent in his name. 0 for no limit. Default 0
 * @param lookups keys that are looked for in the store at once; beyond it the answer is SERVFAIL.
 *     Default 4,096
 * @param fallbackLookups of these in the fallback. Default 64
 * @param connections of TCP and HTTP at once, all together; when there is one more, that which was
 *     silent the longest is cut. Default 16,384
 * @param connectionsPerAddress of these from one IPv4 address or IPv6 /64. Default 1,024
 * @param dnsIdle how long a TCP connection may be silent. Default 5 s
 * @param httpIdle how long an HTTP connection may be silent between requests. Default 60 s
 * @param requestTime from the first byte of an HTTP request to its last. Default 10 s
 */
public record DnsLimits(
    long cacheBytes,
    int answersPerSecond,
    int lookups,
    int fallbackLookups,
    int connections,
    int connectionsPerAddress,
    Duration dnsIdle,
    Duration httpIdle,
    Duration requestTime) {
  private static final DnsLimits DEFAULTS =
      new DnsLimits(
          64L << 20,
          0,
          4096,
          64,
          16_384,
          1024,
          Duration.ofSeconds(5),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10));

  /**
   * @throws IllegalArgumentException if a value is out of its range; the message names it
   */
  public DnsLimits {
    check(cacheBytes >= 0, "cacheBytes is not negative");
    check(answersPerSecond >= 0, "answersPerSecond is not negative");
    check(lookups > 0, "lookups is more than 0");
    check(fallbackLookups > 0, "fallbackLookups is more than 0");
    check(connections > 0, "connections is more than 0");
    check(connectionsPerAddress > 0, "connectionsPerAddress is more than 0");
    time("dnsIdle", dnsIdle);
    time("httpIdle", httpIdle);
    time("requestTime", requestTime);
  }

  private static void time(String name, Duration value) {
    check(
        !value.isNegative() && !value.isZero() && value.compareTo(Duration.ofHours(1)) <= 0,
        name + " is more than 0 and at most an hour, not " + value);
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  public static DnsLimits defaults() {
    return DEFAULTS;
  }

  public DnsLimits cacheBytes(long value) {
    return new DnsLimits(
        value,
        answersPerSecond,
        lookups,
        fallbackLookups,
        connections,
        connectionsPerAddress,
        dnsIdle,
        httpIdle,
        requestTime);
  }

  public DnsLimits answersPerSecond(int value) {
    return new DnsLimits(
        cacheBytes,
        value,
        lookups,
        fallbackLookups,
        connections,
        connectionsPerAddress,
        dnsIdle,
        httpIdle,
        requestTime);
  }

  public DnsLimits lookups(int value) {
    return new DnsLimits(
        cacheBytes,
        answersPerSecond,
        value,
        fallbackLookups,
        connections,
        connectionsPerAddress,
        dnsIdle,
        httpIdle,
        requestTime);
  }

  public DnsLimits connections(int value, int perAddress) {
    return new DnsLimits(
        cacheBytes,
        answersPerSecond,
        lookups,
        fallbackLookups,
        value,
        perAddress,
        dnsIdle,
        httpIdle,
        requestTime);
  }

  public DnsLimits times(Duration newDnsIdle, Duration newHttpIdle, Duration newRequestTime) {
    return new DnsLimits(
        cacheBytes,
        answersPerSecond,
        lookups,
        fallbackLookups,
        connections,
        connectionsPerAddress,
        newDnsIdle,
        newHttpIdle,
        newRequestTime);
  }
}
