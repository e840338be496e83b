package dev.warren.discovery.dht.logic;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What strangers may cost us. Each address, for IPv6 each network of 64 bits, may send so many
 * queries a second. And an address is <em>unproven</em> until it has answered us or sent back a
 * token: anybody may write it on a datagram to have our answer sent there. The protocol needs
 * answers that are longer than their queries (nodes, an item), so they are not refused; but what
 * goes to one unproven address, and to all together, beyond the bytes that came, is limited. Not
 * thread-safe.
 *
 * <p>Loopback is exempt: no such source comes from outside, and many nodes may live there.
 */
public final class AddressLimits {
  /** Addresses that are remembered; the one not heard for longest goes first. Our choice. */
  static final int LIMIT = 8192;

  /**
   * Queries a second of one address: a node in lookups of its own asks each of us once, so this is
   * a crowd behind one NAT. Our choice.
   */
  static final int QUERIES = 100;

  /**
   * Bytes a second beyond what came, to one unproven address: a lookup needs one answer of us, with
   * nodes and an item 1400 bytes. Our choice: a victim gets no more than a modem's rate from each
   * of us.
   */
  static final int EXTRA = 2048;

  static final int EXTRA_BURST = 16 * 1024;

  /** The same to all unproven addresses together. Our choice: 4 Mbit/s. */
  static final int EXTRA_ALL = 512 * 1024;

  /** How long an address stays proven: as long as a token is good at least (BEP 5). */
  static final long PROVEN = 600_000_000_000L;

  private final Map<Network, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Network, Known> eldest) {
          return size() > LIMIT;
        }
      };
  private final Rate all;

  private record Network(int family, long bits) {
    static Network of(InetAddress address) {
      byte[] ip = address.getAddress();
      long bits = 0;
      for (byte b : ip.length == 4 ? ip : Arrays.copyOf(ip, 8)) {
        bits = bits << 8 | b & 0xff;
      }
      return new Network(ip.length, bits);
    }
  }

  private static final class Known {
    final Rate queries;
    final Rate extra;
    boolean proven;
    long provenAt;

    Known(long now) {
      queries = new Rate(QUERIES, 2 * QUERIES, now);
      extra = new Rate(EXTRA, EXTRA_BURST, now);
    }
  }

  public AddressLimits(long now) {
    all = new Rate(EXTRA_ALL, EXTRA_ALL, now);
  }

  /** Whether a query of {@code from} may be looked at. */
  public boolean admits(InetAddress from, long now) {
    return from.isLoopbackAddress() || known(from, now).queries.take(1, now);
  }

  /** {@code from} has shown that it gets what we send there. */
  public void onProven(InetAddress from, long now) {
    if (!from.isLoopbackAddress()) {
      Known it = known(from, now);
      it.proven = true;
      it.provenAt = now;
    }
  }

  /** Whether {@code answer} bytes may go to {@code to}, from where {@code query} bytes came. */
  public boolean mayAnswer(InetAddress to, int query, int answer, long now) {
    if (answer <= query || to.isLoopbackAddress()) {
      return true;
    }
    Known it = known(to, now);
    if (it.proven && now - it.provenAt < PROVEN) {
      return true;
    }
    return it.extra.take(answer - query, now) && all.take(answer - query, now);
  }

  int size() {
    return known.size();
  }

  private Known known(InetAddress address, long now) {
    return known.computeIfAbsent(Network.of(address), a -> new Known(now));
  }
}
