package dev.warren.relay.server.io;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened at a relay's doors, before and beside the relay protocol. Any thread. */
public final class ServiceCounters {
  /** TCP connections accepted. */
  public final LongAdder connections = new LongAdder();

  /** Times that a connection was there and could not be accepted. */
  public final LongAdder acceptFailures = new LongAdder();

  /** Those of them that ended. */
  public final LongAdder connectionsClosed = new LongAdder();

  /** Those that ended by an error, before the upgrade. */
  public final LongAdder connectionsErrored = new LongAdder();

  /** Requests that were too long, malformed, or not HTTP. */
  public final LongAdder badRequests = new LongAdder();

  /** Connections cut because they asked for nothing in time. */
  public final LongAdder establishTimeouts = new LongAdder();

  /** TLS handshakes that failed, or were not done in time. */
  public final LongAdder tlsFailures = new LongAdder();

  /** Connections of trusted proxies without a usable PROXY header. */
  public final LongAdder proxyRefused = new LongAdder();

  /** STUN datagrams received. */
  public final LongAdder stunRequests = new LongAdder();

  /** STUN requests of IPv4 clients that were answered. */
  public final LongAdder stunIpv4 = new LongAdder();

  /** STUN requests of IPv6 clients that were answered. */
  public final LongAdder stunIpv6 = new LongAdder();

  /** Datagrams at the STUN port that are no binding requests. */
  public final LongAdder stunBad = new LongAdder();

  /** STUN answers that could not be sent. */
  public final LongAdder stunFailures = new LongAdder();

  /** STUN requests dropped because their source sent too many. */
  public final LongAdder stunLimited = new LongAdder();

  /** By the names of relay-server section 11, and names like them for what has none there. */
  public Map<String, Long> snapshot() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("http_connections", connections.sum());
    all.put("http_accept_failures", acceptFailures.sum());
    all.put("http_connections_closed", connectionsClosed.sum());
    all.put("http_connections_errored", connectionsErrored.sum());
    all.put("http_bad_requests", badRequests.sum());
    all.put("http_establish_timeouts", establishTimeouts.sum());
    all.put("tls_failures", tlsFailures.sum());
    all.put("proxy_refused", proxyRefused.sum());
    all.put("stun_requests", stunRequests.sum());
    all.put("stun_ipv4_success", stunIpv4.sum());
    all.put("stun_ipv6_success", stunIpv6.sum());
    all.put("stun_bad_requests", stunBad.sum());
    all.put("stun_failures", stunFailures.sum());
    all.put("stun_limited", stunLimited.sum());
    return all;
  }
}
