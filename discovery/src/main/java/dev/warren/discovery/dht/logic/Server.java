package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.logic.DhtCounters.Event;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcError;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import dev.warren.discovery.dht.wire.MutableItem;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a node answers to others (BEP 5, 44). Not thread-safe. */
public final class Server {
  /**
   * Nodes of an answer, as in Rust mainline: with the 8 of BEP 5 nobody could learn of the 20 that
   * hold an item, since those around it all tell of the same 8.
   */
  static final int NODES = Lookup.K;

  /** Bytes of an answer, so that it is one packet everywhere; what is too much are nodes. */
  static final int MAX_ANSWER = 1400;

  private final DhtId self;
  private final RoutingTable table;
  private final ItemStore store;
  private final Tokens tokens;
  private final AddressLimits limits;
  private final DhtCounters counters;

  /** {@code random} must be one that nobody can guess. */
  Server(
      DhtId self,
      RoutingTable table,
      ItemStore store,
      AddressLimits limits,
      DhtCounters counters,
      RandomGenerator random,
      long now) {
    this.self = self;
    this.table = table;
    this.store = store;
    this.limits = limits;
    this.counters = counters;
    this.tokens = new Tokens(random, now);
  }

  /** The answer to a query of {@code bytes} bytes; null if none is given. */
  byte @Nullable [] answer(KrpcMessage.Query query, InetSocketAddress from, int bytes, long now) {
    counters.count(Event.QUERIES);
    InetAddress ip = from.getAddress();
    if (!limits.admits(ip, now)) {
      counters.count(Event.QUERIES_LIMITED);
      return null;
    }
    byte[] answer = answer(query, from, now).encode();
    if (!limits.mayAnswer(ip, bytes, answer.length, now)) {
      counters.count(Event.ANSWERS_WITHHELD);
      return null;
    }
    return answer;
  }

  private KrpcMessage answer(KrpcMessage.Query query, InetSocketAddress from, long now) {
    byte[] tx = query.transaction();
    KrpcRequest request = query.request();
    if (request instanceof KrpcRequest.FindNode find) {
      return nodes(tx, from, find.target(), null, null, null);
    }
    if (request instanceof KrpcRequest.GetPeers get) {
      byte[] token = tokens.issue(from.getAddress(), get.target(), now);
      return nodes(tx, from, get.target(), token, null, null);
    }
    if (request instanceof KrpcRequest.Get get) {
      return get(tx, from, get, now);
    }
    if (request instanceof KrpcRequest.Put put) {
      return put(tx, from, put, now);
    }
    if (request instanceof KrpcRequest.Refused refused) {
      if (refused.method().equals("put")) {
        counters.count(Event.PUTS_REFUSED);
      }
      return new KrpcMessage.Failure(tx, refused.code(), refused.why());
    }
    return new KrpcMessage.Answer(tx, self, from, null, null, null, null);
  }

  private KrpcMessage nodes(
      byte[] tx,
      InetSocketAddress from,
      DhtId target,
      byte @Nullable [] token,
      @Nullable Long seq,
      KrpcMessage.@Nullable Item item) {
    boolean ipv6 = from.getAddress() instanceof Inet6Address;
    KrpcMessage bare = new KrpcMessage.Answer(tx, self, from, token, List.of(), seq, item);
    int each = DhtId.LENGTH + (ipv6 ? 18 : 6);
    int room = (MAX_ANSWER - bare.encode().length) / each - 1;
    return new KrpcMessage.Answer(
        tx, self, from, token, table.closest(target, Math.min(NODES, room), ipv6), seq, item);
  }

  private KrpcMessage get(byte[] tx, InetSocketAddress from, KrpcRequest.Get get, long now) {
    byte[] token = tokens.issue(from.getAddress(), get.target(), now);
    MutableItem item = store.get(get.target(), now);
    if (item == null) {
      return nodes(tx, from, get.target(), token, null, null);
    }
    boolean known = get.seq() != null && item.seq() <= get.seq();
    KrpcMessage.Item written =
        new KrpcMessage.Item(item.key(), item.value(), item.signature(), item.seq());
    return nodes(tx, from, get.target(), token, item.seq(), known ? null : written);
  }

  private KrpcMessage put(byte[] tx, InetSocketAddress from, KrpcRequest.Put put, long now) {
    DhtId target = put.item().target();
    KrpcMessage refused = null;
    if (!tokens.accepts(put.token(), from.getAddress(), target, now)) {
      refused = new KrpcMessage.Failure(tx, KrpcError.PROTOCOL, "bad token");
    } else if (put.target() != null && !put.target().equals(target)) {
      refused = new KrpcMessage.Failure(tx, KrpcError.PROTOCOL, "this is not where k and salt lie");
    } else {
      limits.onProven(from.getAddress(), now);
      refused = refusal(tx, store.put(put.item(), put.cas(), from.getAddress(), now));
    }
    counters.count(refused == null ? Event.PUTS_STORED : Event.PUTS_REFUSED);
    return refused != null
        ? refused
        : new KrpcMessage.Answer(tx, self, from, null, null, null, null);
  }

  private static @Nullable KrpcMessage refusal(byte[] tx, ItemStore.Verdict verdict) {
    switch (verdict) {
      case STORED:
        return null;
      case BAD_SIGNATURE:
        return new KrpcMessage.Failure(tx, KrpcError.BAD_SIGNATURE, "invalid signature");
      case CAS_MISMATCH:
        return new KrpcMessage.Failure(tx, KrpcError.CAS_MISMATCH, "CAS mismatched");
      case SEQ_TOO_LOW:
        return new KrpcMessage.Failure(
            tx, KrpcError.SEQ_TOO_LOW, "sequence number less than current");
      default:
        return new KrpcMessage.Failure(tx, KrpcError.SERVER, "no room");
    }
  }
}
