package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtFormatException;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.MutableItem;
import dev.warren.testlab.ManualClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Many participants without sockets on a network that takes 5 ms, by a clock of its own. */
final class SimulatedDht {
  static final byte[] NO_SALT = new byte[0];
  private static final Duration STEP = Duration.ofMillis(5);

  final ManualClock clock = new ManualClock();
  final Random random;
  final Map<InetSocketAddress, DhtEngine> engines = new LinkedHashMap<>();
  final Map<InetSocketAddress, DhtCounters> counters = new LinkedHashMap<>();

  /** Participants that answer queries in their own way. */
  final Map<InetSocketAddress, Function<KrpcMessage.Query, @Nullable KrpcMessage>> liars =
      new LinkedHashMap<>();

  private final PriorityQueue<Datagram> wire = new PriorityQueue<>();
  private long sent;
  private int next = 1;

  private record Datagram(
      long at, long order, InetSocketAddress from, InetSocketAddress to, byte[] bytes)
      implements Comparable<Datagram> {
    @Override
    public int compareTo(Datagram other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  SimulatedDht(long seed) {
    System.out.println("seed " + seed);
    random = new Random(seed);
  }

  /** An address of the world that nobody has. */
  InetSocketAddress address() {
    int n = next++;
    try {
      byte[] ip = {51, (byte) (n >> 16), (byte) (n >> 8), (byte) n};
      return new InetSocketAddress(InetAddress.getByAddress(ip), 6881);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  InetSocketAddress join(boolean serves, InetSocketAddress... bootstrap) {
    return join(DhtId.random(random), serves, bootstrap);
  }

  InetSocketAddress join(DhtId id, boolean serves, InetSocketAddress... bootstrap) {
    InetSocketAddress address = address();
    DhtCounters own = new DhtCounters();
    DhtEngine engine =
        new DhtEngine(
            new DhtEngine.Settings(id, serves, false, ItemStore.LIMIT),
            (to, bytes) -> send(address, to, bytes),
            own,
            random,
            clock.nanoTime());
    engine.setBootstrap(List.of(bootstrap));
    engines.put(address, engine);
    counters.put(address, own);
    return address;
  }

  /** Nodes that all begin with the first, and have found each other. */
  List<InetSocketAddress> nodes(int n) {
    List<InetSocketAddress> nodes = new ArrayList<>();
    nodes.add(join(true));
    for (int i = 1; i < n; i++) {
      nodes.add(join(true, nodes.get(0)));
    }
    run(Duration.ofSeconds(20));
    return nodes;
  }

  void send(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
    wire.add(new Datagram(clock.nanoTime() + STEP.toNanos(), sent++, from, to, bytes));
  }

  void run(Duration time) {
    long end = clock.nanoTime() + time.toNanos();
    runUntil(time, () -> clock.nanoTime() >= end);
  }

  /** Whether it came true within {@code limit}. */
  boolean runUntil(Duration limit, BooleanSupplier condition) {
    long end = clock.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (clock.nanoTime() >= end) {
        return false;
      }
      clock.advance(STEP);
      while (!wire.isEmpty() && wire.peek().at <= clock.nanoTime()) {
        deliver(wire.remove());
      }
      for (DhtEngine engine : List.copyOf(engines.values())) {
        if (engine.dueIn(clock.nanoTime()) == 0) {
          engine.onTime(clock.nanoTime());
        } else if (clock.nanoTime() / STEP.toNanos() % 10 == 0) {
          engine.onTime(clock.nanoTime());
        }
      }
    }
    return true;
  }

  private void deliver(Datagram datagram) {
    DhtEngine engine = engines.get(datagram.to);
    if (engine != null) {
      engine.onDatagram(datagram.from, datagram.bytes, clock.nanoTime());
      return;
    }
    Function<KrpcMessage.Query, @Nullable KrpcMessage> liar = liars.get(datagram.to);
    try {
      if (liar != null && KrpcMessage.parse(datagram.bytes) instanceof KrpcMessage.Query query) {
        KrpcMessage answer = liar.apply(query);
        if (answer != null) {
          send(datagram.to, datagram.from, answer.encode());
        }
      }
    } catch (DhtFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** What a lookup has told. */
  static final class Heard implements DhtEngine.GetListener {
    final List<MutableItem> items = new ArrayList<>();
    boolean done;
    int asked;
    int answered;

    @Override
    public void onItem(MutableItem item) {
      items.add(item);
    }

    @Override
    public void onDone(int askedNodes, int answeredNodes) {
      done = true;
      asked = askedNodes;
      answered = answeredNodes;
    }
  }

  /** A lookup that is over. */
  Heard get(InetSocketAddress who, byte[] key, byte[] salt) {
    Heard heard = new Heard();
    if (engines.get(who).get(key, salt, heard, clock.nanoTime()) == null) {
      throw new AssertionError("too many lookups");
    }
    if (!runUntil(Duration.ofSeconds(15), () -> heard.done)) {
      throw new AssertionError("the lookup does not end");
    }
    return heard;
  }

  /** A put that is over. */
  PutResult put(InetSocketAddress who, MutableItem item) {
    List<PutResult> results = new ArrayList<>();
    engines.get(who).put(item.key(), item.salt(), newest -> item, results::add, clock.nanoTime());
    if (!runUntil(Duration.ofSeconds(20), () -> !results.isEmpty())) {
      throw new AssertionError("the put does not end");
    }
    return results.get(0);
  }

  DhtContact contact(DhtId id) {
    return new DhtContact(id, address());
  }
}
