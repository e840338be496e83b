package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.logic.DhtCounters.Event;
import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtFormatException;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import dev.warren.discovery.dht.wire.MutableItem;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lookup under way: asks, and judges what it is told. Of items it passes on those that lie where
 * it looks and are signed by their key, each newer than the one before. Not thread-safe.
 */
final class Search {
  /** What is looked for: an item, or only the nodes at its place. */
  record Goal(DhtId target, byte @Nullable [] salt) {
    KrpcRequest request() {
      return salt == null ? new KrpcRequest.FindNode(target) : new KrpcRequest.Get(target, null);
    }
  }

  /** Hears of the course. */
  interface Listener {
    /** An item, newer than all before. */
    void onItem(MutableItem item);

    /** The end. */
    void onDone(Lookup lookup, @Nullable MutableItem newest, long now);
  }

  private final DhtEngine engine;
  private final Goal goal;
  private final Lookup lookup;
  private final Listener listener;
  private @Nullable MutableItem newest;
  private boolean reseeded;
  private boolean over;

  Search(DhtEngine engine, Goal goal, Lookup lookup, Listener listener) {
    this.engine = engine;
    this.goal = goal;
    this.lookup = lookup;
    this.listener = listener;
  }

  /** What this node holds itself, which was verified when it came. */
  void begin(MutableItem own) {
    newest = own;
    listener.onItem(own);
  }

  /** Asks whoever is to be asked; ends if there is nobody. True when it has ended. */
  boolean proceed(long now) {
    if (over) {
      return true;
    }
    for (Lookup.Candidate next = lookup.next(now); next != null; next = lookup.next(now)) {
      Lookup.Candidate candidate = next;
      if (!engine.ask(candidate.address(), goal.request(), new Reply(candidate), now)) {
        lookup.onFailure(candidate);
      }
    }
    if (!lookup.isDone(now)) {
      return false;
    }
    if (lookup.answered() == 0 && !reseeded) {
      // All that we knew are gone, as after a long sleep.
      reseeded = true;
      lookup.seed(engine.bootstrap());
      if (!lookup.isDone(now)) {
        return proceed(now);
      }
    }
    over = true;
    listener.onDone(lookup, newest, now);
    return true;
  }

  /** Nothing more is told. */
  void cancel() {
    over = true;
  }

  private final class Reply implements Rpc.Outcome {
    private final Lookup.Candidate candidate;

    Reply(Lookup.Candidate candidate) {
      this.candidate = candidate;
    }

    @Override
    public void onAnswer(KrpcMessage.Answer answer, long now) {
      InetSocketAddress from = candidate.address();
      List<DhtContact> nodes = engine.usable(answer.nodes(), from);
      if (!lookup.onAnswer(candidate, answer.sender(), answer.token(), nodes)) {
        engine.counters().count(Event.WRONG_IDS);
      }
      engine.onAlive(new DhtContact(answer.sender(), from), now);
      if (answer.item() != null && goal.salt != null && !over) {
        judge(answer.item(), goal.salt);
      }
    }

    @Override
    public void onError(KrpcMessage.Failure failure, long now) {
      lookup.onFailure(candidate);
    }

    @Override
    public void onSilence(long now) {
      lookup.onFailure(candidate);
      engine.onSilent(candidate.address());
    }
  }

  private void judge(KrpcMessage.Item written, byte[] salt) {
    try {
      MutableItem item = written.check(salt);
      if (newest != null && !item.isNewerThan(newest)) {
        // Nodes repeat each other; and what is old is not worth the time to verify it.
        return;
      }
      if (item.target().equals(goal.target) && item.verify()) {
        newest = item;
        listener.onItem(item);
        return;
      }
    } catch (DhtFormatException malformed) {
      // Counted below.
    }
    engine.counters().count(Event.BAD_ITEMS);
  }
}
