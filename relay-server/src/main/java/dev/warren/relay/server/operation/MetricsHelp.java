package dev.warren.relay.server.operation;

import static java.util.Map.entry;

import dev.warren.serving.pages.MetricsText;
import java.util.Map;
import java.util.Set;

/** One line about each counter: those of relay-server section 11, then ours. */
final class MetricsHelp {
  static final Map<String, String> TEXTS =
      Map.ofEntries(
          entry("bytes_sent", "Payload bytes of datagrams written to clients"),
          entry("bytes_recv", "Payload bytes of datagrams received from clients"),
          entry("send_packets_sent", "Datagram frames written to clients"),
          entry("send_packets_recv", "Datagram frames received from clients"),
          entry("send_packets_dropped", "Datagram frames for nobody, or that could not be written"),
          entry(
              "send_packets_dropped_queue_full", "Datagram frames for a client that reads slowly"),
          entry("got_ping", "Pings from clients"),
          entry("sent_pong", "Pings of clients that were answered"),
          entry("unknown_frames", "Frames of a type that is not known"),
          entry("bytes_rx_ratelimited", "Bytes of reads that ran into the limit"),
          entry("conns_rx_ratelimited", "Connections that were limited at least once"),
          entry("frames_rx_ratelimited", "Frames that ran into the limit"),
          entry("accepts", "Clients let in"),
          entry("disconnects", "Clients that left"),
          entry("unique_client_keys", "Different ids let in"),
          entry("clients", "Clients connected now"),
          entry("clients_inactive_added", "Connections that a newer one with their id replaced"),
          entry("clients_inactive_removed", "Replaced connections that ended or were promoted"),
          entry("http_connections", "TCP connections accepted"),
          entry("http_connections_closed", "TCP connections that ended"),
          entry("http_connections_errored", "TCP connections that ended by an error"),
          entry(
              "http_accept_failures",
              "times that connections could not be accepted, as no file was left"),
          entry("websocket_accepts", "Clients let in over WebSocket"),
          entry("relay_accepts", "Clients let in over the legacy upgrade"),
          entry("stun_requests", "Datagrams at the STUN port"),
          entry("stun_ipv4_success", "STUN answers to IPv4 addresses"),
          entry("stun_ipv6_success", "STUN answers to IPv6 addresses"),
          entry("stun_bad_requests", "Datagrams at the STUN port that are no binding request"),
          entry("stun_failures", "STUN answers that could not be sent"),
          entry("establishing", "TCP connections on the way in now"),
          entry("accepts_modern_v2", "Clients let in of iroh 1.0, version 2"),
          entry("accepts_modern_v1", "Clients let in of iroh 1.0, version 1"),
          entry("accepts_legacy_websocket", "Clients let in of iroh 0.35 over WebSocket"),
          entry("accepts_legacy_native", "Clients let in of iroh 0.35 over its own upgrade"),
          entry("disconnects_modern_v2", "Clients that left of iroh 1.0, version 2"),
          entry("disconnects_modern_v1", "Clients that left of iroh 1.0, version 1"),
          entry("disconnects_legacy_websocket", "Clients that left of iroh 0.35, WebSocket"),
          entry("disconnects_legacy_native", "Clients that left of iroh 0.35, its own upgrade"),
          entry("clients_silent", "Clients cut because a ping was not answered"),
          entry("clients_stalled", "Clients cut because they took nothing of what waited"),
          entry("protocol_errors", "Clients cut because they broke the protocol"),
          entry("send_packets_dropped_malformed", "Datagram frames that make no sense"),
          entry("refused_accept_rate", "Connections cut by limits.accept_conn_limit"),
          entry("refused_access", "Clients refused by access control"),
          entry("refused_clients", "Clients refused by limits.clients"),
          entry("refused_clients_per_address", "Clients refused by limits.clients_per_address"),
          entry("refused_connections_per_id", "Clients refused by limits.connections_per_id"),
          entry("refused_connects_per_id", "Clients refused by limits.connects_per_id_per_second"),
          entry("refused_draining", "Connections refused because the relay drains"),
          entry("refused_handshakes", "Connections on the way in cut for newer ones"),
          entry("refused_proofs", "Clients refused as too many proofs waited to be checked"),
          entry("refused_signature", "Handshakes with a wrong signature, or none"),
          entry("refused_timeout", "Handshakes that were not done in time"),
          entry("http_bad_requests", "Requests that were too long, malformed, or not HTTP"),
          entry("http_establish_timeouts", "Connections that asked for nothing in time"),
          entry("tls_failures", "TLS handshakes that failed or took too long"),
          entry("tls_reloads", "Certificates taken over from files"),
          entry("tls_reload_failures", "Certificates in files that could not be used"),
          entry("acme_orders", "Certificates ordered from an authority"),
          entry("acme_failures", "Orders of certificates that failed"),
          entry("proxy_refused", "Connections of proxies without a usable PROXY header"),
          entry("stun_limited", "STUN requests of sources that send too many"));

  /**
   * {@code stun_} is a group of its own in the field (relay-server section 11). Who is here, and
   * who is on the way in, goes down again.
   */
  static final MetricsText FORMAT =
      new MetricsText("relayserver_", Set.of("stun_"), Set.of("clients", "establishing"), TEXTS);

  private MetricsHelp() {}
}
