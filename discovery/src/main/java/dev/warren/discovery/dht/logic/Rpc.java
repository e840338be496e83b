package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.logic.DhtCounters.Event;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Our queries that wait for an answer. An answer counts only if it comes from where the query went,
 * with its transaction id, which nobody can guess; all others are dropped and counted.
 *
 * <p>A query is repeated once. Nodes of Rust mainline drop what has not the one length of
 * transaction id that they know: 4 bytes since version 6, 2 bytes before (measured with 5.4.0 and
 * 7.0.0). So the repetition has an id of the other length, and what an address answered is
 * remembered. Not thread-safe.
 */
public final class Rpc {
  /** Queries without an answer at a time. Our choice: 64 lookups with ALPHA and slow ones. */
  public static final int LIMIT = 2048;

  /** A query is given up (discovery section 8.4). */
  static final long EXPIRY = 2_000_000_000L;

  /** A query is repeated: when its node counts as slow. */
  static final long REPEAT = Lookup.SLOW;

  /** Addresses that are remembered for wanting two bytes. Our choice. */
  static final int MAX_SHORT = 4096;

  /** What becomes of a query; one of the three is called, once. */
  public interface Outcome {
    void onAnswer(KrpcMessage.Answer answer, long now);

    void onError(KrpcMessage.Failure failure, long now);

    void onSilence(long now);
  }

  private record Tx(int value, int width) {
    static @Nullable Tx of(byte[] transaction) {
      if (transaction.length == 2) {
        return new Tx(ByteBuffer.wrap(transaction).getShort() & 0xffff, 2);
      }
      return transaction.length == 4 ? new Tx(ByteBuffer.wrap(transaction).getInt(), 4) : null;
    }

    byte[] bytes() {
      return width == 2
          ? ByteBuffer.allocate(2).putShort((short) value).array()
          : ByteBuffer.allocate(4).putInt(value).array();
    }
  }

  private static final class Pending {
    final InetSocketAddress to;
    final KrpcRequest request;
    final Outcome outcome;
    final long at;
    final Tx first;
    @Nullable Tx second;
    boolean over;

    Pending(InetSocketAddress to, KrpcRequest request, Outcome outcome, long at, Tx first) {
      this.to = to;
      this.request = request;
      this.outcome = outcome;
      this.at = at;
      this.first = first;
    }
  }

  private final DhtId self;
  private final boolean readOnly;
  private final Transmitter out;
  private final DhtCounters counters;
  private final RandomGenerator random;
  private final Map<Tx, Pending> byTx = new HashMap<>();

  /** Both in the order of {@link Pending#at}, since both waits are always the same. */
  private final ArrayDeque<Pending> toRepeat = new ArrayDeque<>();

  private final ArrayDeque<Pending> toExpire = new ArrayDeque<>();

  private final Map<InetSocketAddress, Boolean> wantShort =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, Boolean> eldest) {
          return size() > MAX_SHORT;
        }
      };

  Rpc(DhtId self, boolean readOnly, Transmitter out, DhtCounters counters, RandomGenerator random) {
    this.self = self;
    this.readOnly = readOnly;
    this.out = out;
    this.counters = counters;
    this.random = random;
  }

  /** Sends a query; false, and nothing else happens, if too many wait already. */
  boolean ask(InetSocketAddress to, KrpcRequest request, Outcome outcome, long now) {
    if (toExpire.size() >= LIMIT) {
      return false;
    }
    Tx tx = fresh(wantShort.containsKey(to) ? 2 : 4);
    Pending pending = new Pending(to, request, outcome, now, tx);
    byTx.put(tx, pending);
    toRepeat.add(pending);
    toExpire.add(pending);
    send(pending, tx);
    return true;
  }

  private Tx fresh(int width) {
    Tx tx;
    do {
      tx = new Tx(width == 2 ? random.nextInt(1 << 16) : random.nextInt(), width);
    } while (byTx.containsKey(tx));
    return tx;
  }

  private void send(Pending pending, Tx tx) {
    out.send(
        pending.to, new KrpcMessage.Query(tx.bytes(), self, readOnly, pending.request).encode());
  }

  /** An answer or an error has come; true if it was waited for. */
  boolean onReply(InetSocketAddress from, KrpcMessage reply, long now) {
    Tx tx = Tx.of(reply.transaction());
    Pending pending = tx == null ? null : byTx.get(tx);
    if (tx == null || pending == null || !pending.to.equals(from)) {
      counters.count(Event.UNEXPECTED_ANSWERS);
      return false;
    }
    end(pending);
    if (tx.width == 2) {
      wantShort.put(from, true);
    } else {
      wantShort.remove(from);
    }
    if (reply instanceof KrpcMessage.Answer answer) {
      pending.outcome.onAnswer(answer, now);
    } else if (reply instanceof KrpcMessage.Failure failure) {
      pending.outcome.onError(failure, now);
    }
    return true;
  }

  private void end(Pending pending) {
    pending.over = true;
    byTx.remove(pending.first);
    if (pending.second != null) {
      byTx.remove(pending.second);
    }
  }

  /** Repeats and gives up what is due. */
  void onTime(long now) {
    for (Pending p = toRepeat.peek();
        p != null && (p.over || now - p.at >= REPEAT);
        p = toRepeat.peek()) {
      toRepeat.remove();
      if (!p.over) {
        Tx tx = fresh(p.first.width == 2 ? 4 : 2);
        p.second = tx;
        byTx.put(tx, p);
        send(p, tx);
      }
    }
    for (Pending p = toExpire.peek();
        p != null && (p.over || now - p.at >= EXPIRY);
        p = toExpire.peek()) {
      toExpire.remove();
      if (!p.over) {
        end(p);
        p.outcome.onSilence(now);
      }
    }
  }

  /** When something is due, if anything waits: nanoseconds from now, else {@code none}. */
  long dueIn(long now, long none) {
    long due = none;
    if (!toRepeat.isEmpty()) {
      due = Math.min(due, toRepeat.peek().at + REPEAT - now);
    }
    if (!toExpire.isEmpty()) {
      due = Math.min(due, toExpire.peek().at + EXPIRY - now);
    }
    return Math.max(0, due);
  }
}
