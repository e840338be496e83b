package dev.warren.relay.server.logic;

import dev.warren.base.NodeId;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.serving.logic.AddressGroup;
import dev.warren.serving.logic.HalfOpen;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who of those that knock is let in, as far as numbers go. Nobody is refused for what others who
 * prove nothing do:
 *
 * <ul>
 *   <li>Connections that are being established are never refused. When there are too many, the
 *       oldest is cut: first among those of the same address, then among all. Whoever opens sockets
 *       and stays silent cuts off himself; an honest handshake takes a few round trips.
 *   <li>A place as a client is taken only when access control has allowed it.
 *   <li>The rate of an id is counted only when the id is proved.
 * </ul>
 *
 * <p>All that is remembered belongs to an open connection, but for the bounded {@link IdRates}. Any
 * thread; times are those of a monotonic clock in nanoseconds.
 */
public final class Admission {
  private final ReentrantLock lock = new ReentrantLock();
  private final HalfOpen<Connection> halfOpen = new HalfOpen<>();
  private final Tally<AddressGroup> clientsByAddress = new Tally<>();
  private final Tally<NodeId> clientsById = new Tally<>();
  private RelayLimits limits;
  private IdRates idRates;
  private @Nullable ArrivalRate accepts;
  private int clients;

  public Admission(RelayLimits limits, long now) {
    this.limits = limits;
    this.idRates = new IdRates(limits.connectsPerIdPerSecond());
    this.accepts = accepts(limits, now);
  }

  private static @Nullable ArrivalRate accepts(RelayLimits limits, long now) {
    double perSecond = limits.acceptsPerSecond();
    long burst = limits.acceptBurst() > 0 ? limits.acceptBurst() : Math.max(1, (long) perSecond);
    return perSecond == 0 ? null : new ArrivalRate(perSecond, burst, now);
  }

  /** Other limits from now on. Who is in stays in. */
  public void change(RelayLimits next, long now) {
    lock.lock();
    try {
      if (next.connectsPerIdPerSecond() != limits.connectsPerIdPerSecond()) {
        idRates = new IdRates(next.connectsPerIdPerSecond());
      }
      accepts = accepts(next, now);
      limits = next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A connection was accepted. Another one may be cut to make room for it.
   *
   * @param from whose socket it is
   * @param trustedProxy the socket is that of a proxy, which speaks for many
   * @param cut ends the connection; called at most once, from any thread, without a lock held
   * @return null if it is to be closed, for {@link Refusal#ACCEPT_RATE}
   */
  public @Nullable Connection accepted(
      InetAddress from, boolean trustedProxy, long now, Runnable cut) {
    Connection connection = new Connection(AddressGroup.of(from), trustedProxy, cut);
    Connection surplus;
    lock.lock();
    try {
      if (accepts != null && !accepts.take(now)) {
        return null;
      }
      halfOpen.add(connection, connection.countedFor);
      surplus = surplus(connection);
      if (surplus != null) {
        surplus.leave();
      }
    } finally {
      lock.unlock();
    }
    if (surplus != null) {
      surplus.cut.run();
    }
    return connection;
  }

  private @Nullable Connection surplus(Connection latest) {
    Connection ofAddress =
        latest.countedFor == null
            ? null
            : halfOpen.surplus(latest.countedFor, limits.handshakesPerAddress());
    return ofAddress != null ? ofAddress : halfOpen.surplus(limits.handshakes());
  }

  /**
   * Cuts the oldest of those that are being established, up to so many: the process can take no
   * more connections.
   *
   * @return how many it were
   */
  public int shed(int count) {
    List<Connection> shed = new ArrayList<>();
    lock.lock();
    try {
      Connection oldest = halfOpen.oldest();
      while (oldest != null && shed.size() < count) {
        oldest.leave();
        shed.add(oldest);
        oldest = halfOpen.oldest();
      }
    } finally {
      lock.unlock();
    }
    shed.forEach(connection -> connection.cut.run());
    return shed.size();
  }

  /** Connections that are being established. */
  public int halfOpen() {
    lock.lock();
    try {
      return halfOpen.size();
    } finally {
      lock.unlock();
    }
  }

  /** Addresses and ids that are remembered; for tests of bounds. */
  int remembered() {
    lock.lock();
    try {
      return halfOpen.addresses()
          + clientsByAddress.keys()
          + clientsById.keys()
          + idRates.remembered();
    } finally {
      lock.unlock();
    }
  }

  private enum State {
    ACCEPTED,
    UPGRADED,
    AUTHENTICATED,
    ESTABLISHED,
    ENDED
  }

  /** The way of one connection; each method is an event. Any thread. */
  public final class Connection {
    private final @Nullable AddressGroup countedFor;
    private final Runnable cut;
    private AddressGroup client;
    private @Nullable NodeId id;
    private State state = State.ACCEPTED;

    private Connection(AddressGroup from, boolean trustedProxy, Runnable cut) {
      this.client = from;
      this.countedFor = trustedProxy ? null : from;
      this.cut = cut;
    }

    /**
     * It asks to be upgraded: refused if there is no place for a client.
     *
     * @param address whose request it is: not the proxy's
     * @return null to go on
     */
    public @Nullable Refusal upgrading(InetAddress address) {
      lock.lock();
      try {
        if (!advance(State.ACCEPTED, State.UPGRADED)) {
          return Refusal.HANDSHAKES;
        }
        client = AddressGroup.of(address);
        return full();
      } finally {
        lock.unlock();
      }
    }

    /** It has proved an id: refused if that one is here too often, or comes too often. */
    public @Nullable Refusal authenticated(NodeId proved, long now) {
      lock.lock();
      try {
        if (!advance(State.UPGRADED, State.AUTHENTICATED)) {
          return Refusal.HANDSHAKES;
        }
        id = proved;
        return idRates.take(proved, now) ? crowded(proved) : Refusal.CONNECTS_PER_ID;
      } finally {
        lock.unlock();
      }
    }

    /**
     * Access control has allowed it: takes a place among the clients, if there still is one.
     *
     * @return null if it has one
     */
    public @Nullable Refusal established() {
      lock.lock();
      try {
        if (state == State.ENDED) {
          return Refusal.HANDSHAKES;
        }
        Refusal refusal = full();
        if (refusal == null) {
          refusal = crowded(id);
        }
        if (refusal == null) {
          advance(State.AUTHENTICATED, State.ESTABLISHED);
          halfOpen.remove(this, countedFor);
          clients++;
          clientsByAddress.add(client);
          clientsById.add(id);
        }
        return refusal;
      } finally {
        lock.unlock();
      }
    }

    /** It is closed, whatever for. Idempotent. */
    public void ended() {
      lock.lock();
      try {
        leave();
      } finally {
        lock.unlock();
      }
    }

    private @Nullable Refusal full() {
      if (isReached(limits.clients(), clients)) {
        return Refusal.CLIENTS;
      }
      return isReached(limits.clientsPerAddress(), clientsByAddress.of(client))
          ? Refusal.CLIENTS_PER_ADDRESS
          : null;
    }

    private @Nullable Refusal crowded(NodeId proved) {
      return isReached(limits.connectionsPerId(), clientsById.of(proved))
          ? Refusal.CONNECTIONS_PER_ID
          : null;
    }

    private static boolean isReached(int limit, int count) {
      return limit > 0 && count >= limit;
    }

    /** False if it was cut meanwhile: by another thread, so the caller cannot know yet. */
    private boolean advance(State from, State to) {
      if (state == State.ENDED) {
        return false;
      }
      if (state != from) {
        throw new IllegalStateException(to + " after " + state);
      }
      state = to;
      return true;
    }

    private void leave() {
      if (state == State.ESTABLISHED) {
        clients--;
        clientsByAddress.remove(client);
        clientsById.remove(id);
      } else if (state != State.ENDED) {
        halfOpen.remove(this, countedFor);
      }
      state = State.ENDED;
    }
  }
}
