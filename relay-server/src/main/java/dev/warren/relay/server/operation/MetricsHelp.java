package dev.warren.relay.server.operation;

import static java.util.Map.entry;

import java.util.Map;

/**
 * One line about each counter of relay-server section 11; the names of ours speak for themselves.
 */
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
          entry("websocket_accepts", "Clients let in over WebSocket"),
          entry("relay_accepts", "Clients let in over the legacy upgrade"),
          entry("stun_requests", "Datagrams at the STUN port"),
          entry("stun_ipv4_success", "STUN answers to IPv4 addresses"),
          entry("stun_ipv6_success", "STUN answers to IPv6 addresses"),
          entry("stun_bad_requests", "Datagrams at the STUN port that are no binding request"),
          entry("stun_failures", "STUN answers that could not be sent"));

  private MetricsHelp() {}
}
