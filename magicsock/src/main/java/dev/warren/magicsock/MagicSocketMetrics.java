package dev.warren.magicsock;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counters of a magic socket. Any thread. */
public final class MagicSocketMetrics {
  /** Every counter, with what it counts. */
  public enum Counter {
    SEND_UDP("payload bytes sent by UDP"),
    SEND_RELAY("payload bytes sent by relay"),
    RECV_UDP("payload bytes received by UDP"),
    RECV_RELAY("payload bytes received by relay"),
    SEND_UNREACHABLE("datagrams dropped for want of any path"),
    SEND_UNWRITABLE("datagrams dropped because a socket took no more"),
    SEND_UNPROVEN("datagrams kept from an address that has proved nothing"),
    SENT_DISCO_PING("pings sent"),
    SENT_DISCO_PONG("pongs sent"),
    SENT_DISCO_CALL_ME_MAYBE("call-me-maybes sent"),
    PINGS_FORGOTTEN("pings forgotten without an answer because too many were waiting"),
    PINGS_REFUSED("pings not sent because there were too many to addresses or relays not in use"),
    SEND_TOO_LARGE("datagrams too large for the direct path that went by relay or in fragments"),
    TIMER_RUNS("runs of the timer that serves all peers"),
    RECV_DISCO_PING("pings received"),
    RECV_DISCO_PONG("pongs received"),
    RECV_DISCO_CALL_ME_MAYBE("call-me-maybes received"),
    RECV_DISCO_BAD_KEY("disco packets not sealed for us"),
    RECV_DISCO_BAD_PARSE("disco packets without a message"),
    RECV_DISCO_REFUSED(
        "disco packets of unknown senders dropped unread because there were too many"),
    RECV_DISCO_REPLAYED("pings with a transaction that was answered before"),
    RECV_DISCO_UNEXPECTED(
        "pongs to no ping, call-me-maybes by UDP or too soon, strangers' senders"),
    RELAY_REPORTS("reports of how far our relays are"),
    RELAY_PROBES("probes of relays sent for these reports"),
    RELAY_HOME_CHANGE("moves of our home from one relay to another"),
    RELAYS_LEFT("relay connections of peers closed to make room for another"),
    RECV_TOO_SHORT("frames of relays dropped because they are cut into less than any packet"),
    SENT_STUN("requests sent to STUN servers"),
    RECV_STUN("STUN packets received"),
    RECV_STUN_UNEXPECTED("STUN packets that answer no request of ours, or not readably"),
    NETWORK_CHANGES("times that the host's network was found to be another"),
    PEERS_REFUSED("datagrams of strangers dropped because too many are known"),
    PEERS_FORGOTTEN("peers that nobody uses forgotten to make room"),
    CLAIMS_REFUSED("claims to an address that another peer has proved"),
    SOCKET_ERRORS("errors of sockets, such as ICMP port unreachable");

    private final String description;

    Counter(String description) {
      this.description = description;
    }

    public String description() {
      return description;
    }
  }

  private final Map<Counter, LongAdder> counters = new EnumMap<>(Counter.class);

  MagicSocketMetrics() {
    for (Counter c : Counter.values()) {
      counters.put(c, new LongAdder());
    }
  }

  /** The value now. */
  public long get(Counter counter) {
    return counters.get(counter).sum();
  }

  void add(Counter counter, long n) {
    counters.get(counter).add(n);
  }

  void count(Counter counter) {
    counters.get(counter).increment();
  }
}
