package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.KrpcError;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import dev.warren.discovery.dht.wire.MutableItem;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends an item to its holders and counts what they say. Not thread-safe. */
final class Store {
  private final MutableItem item;
  private final @Nullable MutableItem newest;
  private final Consumer<PutResult> end;
  private int asked;
  private int waiting;
  private int stored;
  private int newer;

  private Store(MutableItem item, @Nullable MutableItem newest, Consumer<PutResult> end) {
    this.item = item;
    this.newest = newest;
    this.end = end;
  }

  static void begin(
      DhtEngine engine,
      MutableItem item,
      List<Lookup.Holder> holders,
      @Nullable MutableItem newest,
      Consumer<PutResult> end,
      long now) {
    Store store = new Store(item, newest, end);
    // One more than there are, so that an answer during the loop does not end it.
    store.waiting = 1;
    for (Lookup.Holder holder : holders) {
      if (holder.token() != null) {
        KrpcRequest put = new KrpcRequest.Put(item.target(), holder.token(), item, null);
        if (engine.ask(holder.contact().address(), put, store.new Reply(engine, holder), now)) {
          store.asked++;
          store.waiting++;
        }
      }
    }
    store.settle();
  }

  private void settle() {
    if (--waiting == 0) {
      end.accept(new PutResult(item, asked, stored, newer, newest));
    }
  }

  private final class Reply implements Rpc.Outcome {
    private final DhtEngine engine;
    private final Lookup.Holder holder;

    Reply(DhtEngine engine, Lookup.Holder holder) {
      this.engine = engine;
      this.holder = holder;
    }

    @Override
    public void onAnswer(KrpcMessage.Answer answer, long now) {
      stored++;
      settle();
    }

    @Override
    public void onError(KrpcMessage.Failure failure, long now) {
      if (failure.code() == KrpcError.SEQ_TOO_LOW || failure.code() == KrpcError.CAS_MISMATCH) {
        newer++;
      }
      settle();
    }

    @Override
    public void onSilence(long now) {
      engine.onSilent(holder.contact().address());
      settle();
    }
  }
}
