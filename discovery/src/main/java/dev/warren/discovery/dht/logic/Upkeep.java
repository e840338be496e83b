package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What a node does unasked: joins, asks strangers whether they are there before it knows them,
 * looks after the silent, fills its buckets, forgets old items (BEP 5). A client does none of it.
 * Not thread-safe.
 */
final class Upkeep {
  /** Between two looks at the table. Our choice. */
  static final long EACH = 1_000_000_000L;

  /** First wait after a lookup of our own id; doubles while few nodes are known. Our choice. */
  static final long JOIN_MIN = 1_000_000_000L;

  static final long JOIN_MAX = 60_000_000_000L;

  /**
   * Lookups of our own id at least: when many begin at the same moment, the first finds only those
   * that were there before. Our choice.
   */
  static final int JOINS = 4;

  /** Strangers that are pinged at once, and remembered so as not to ping them each time. */
  static final int STRANGERS = 64;

  /** A stranger is pinged once in so long. */
  static final long STRANGER_AGAIN = 60_000_000_000L;

  /** Bytes of a ping of ours. */
  private static final int PING =
      new KrpcMessage.Query(new byte[4], DhtId.of(new byte[20]), false, new KrpcRequest.Ping())
          .encode()
          .length;

  private final DhtEngine engine;
  private final RoutingTable table;
  private final ItemStore store;
  private final RandomGenerator random;
  private final Map<InetSocketAddress, Long> pinged = new LinkedHashMap<>();
  private long nextAt;
  private long joinAt;
  private long joinWait = JOIN_MIN;
  private boolean joining;
  private int joins;

  Upkeep(DhtEngine engine, RoutingTable table, ItemStore store, RandomGenerator random, long now) {
    this.engine = engine;
    this.table = table;
    this.store = store;
    this.random = random;
    this.nextAt = now;
    this.joinAt = now;
  }

  /** Whom to ask is known only now. */
  void onBootstrap() {
    joinAt = nextAt;
    joinWait = JOIN_MIN;
    joins = 0;
  }

  long dueIn(long now) {
    return Math.max(0, nextAt - now);
  }

  void onTime(long now) {
    if (now - nextAt < 0) {
      return;
    }
    nextAt = now + EACH;
    store.expire(now);
    join(now);
    DhtContact silent = table.questionable(now);
    if (silent != null) {
      ping(silent, now);
    }
    DhtId stale = table.stale(now, random);
    if (stale != null) {
      engine.find(stale, () -> {}, now);
    }
  }

  private void join(long now) {
    if (joining || now - joinAt < 0 || table.size() == 0 && engine.bootstrap().isEmpty()) {
      return;
    }
    joining = true;
    DhtEngine.Handle begun =
        engine.find(
            engine.settings().id(),
            () -> {
              joining = false;
              onJoined();
            },
            now);
    if (begun == null) {
      joining = false;
    }
  }

  private void onJoined() {
    if (++joins >= JOINS && table.size() >= Lookup.K) {
      joinWait = JOIN_MIN;
      joinAt = nextAt + RoutingTable.QUESTIONABLE;
    } else {
      joinAt = nextAt + joinWait;
      joinWait = Math.min(JOIN_MAX, 2 * joinWait);
    }
  }

  /** A node has asked us, in a query of {@code bytes} bytes, and there is a place for it. */
  void onStranger(DhtContact contact, int bytes, long now) {
    InetSocketAddress address = contact.address();
    pinged.values().removeIf(at -> now - at >= STRANGER_AGAIN);
    if (pinged.containsKey(address)
        || pinged.size() >= STRANGERS
        || !engine.mayPing(address, 0, PING, now)) {
      return;
    }
    pinged.put(address, now);
    ping(contact, now);
  }

  private void ping(DhtContact contact, long now) {
    engine.ask(
        contact.address(),
        new KrpcRequest.Ping(),
        new Rpc.Outcome() {
          @Override
          public void onAnswer(KrpcMessage.Answer answer, long at) {
            engine.onAlive(new DhtContact(answer.sender(), contact.address()), at);
          }

          @Override
          public void onError(KrpcMessage.Failure failure, long at) {
            engine.onSilent(contact.address());
          }

          @Override
          public void onSilence(long at) {
            engine.onSilent(contact.address());
          }
        },
        now);
  }
}
