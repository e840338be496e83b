package dev.warren.discovery.dht;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.discovery.dht.io.BootstrapHosts;
import dev.warren.discovery.dht.io.DhtSocket;
import dev.warren.discovery.dht.logic.DhtEngine;
import dev.warren.discovery.dht.logic.PutResult;
import dev.warren.discovery.dht.wire.MutableItem;
import dev.warren.discovery.wire.SignedPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A participant of a Mainline DHT (BEP 5, BEP 44), with a UDP socket and a thread of its own. It
 * finds and stores signed packets, each as the mutable item without salt of its key. Methods may be
 * called from any thread; callbacks come on the DHT's, and must not block.
 *
 * <p>What is found has been verified; whatever nodes say, the worst that they can do is to withhold
 * an item or to show an old one. A lookup takes at most ten seconds, a put two more.
 */
public abstract sealed class Dht implements AutoCloseable permits DhtClient, DhtNode {
  private static final byte[] NO_SALT = new byte[0];

  private final DhtSocket socket;
  private final BootstrapHosts bootstrap;
  private final AtomicInteger known = new AtomicInteger();

  /** Told of a close. */
  private final Set<Consumer<IOException>> waiting = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  Dht(DhtSocket socket, BootstrapHosts bootstrap) {
    this.socket = socket;
    this.bootstrap = bootstrap;
  }

  /** How a lookup ended. */
  interface Found {
    void onPacket(SignedPacket packet);

    /** {@code failure} if nobody could be asked, or nobody has answered. */
    void onEnd(@Nullable IOException failure);
  }

  /**
   * The most recent packet of {@code id} after a whole lookup; empty if nodes have answered and
   * none has one.
   *
   * @return fails with an {@link IOException} that says why: no node answered, too many lookups are
   *     under way, closed. Cancelling it ends the lookup
   */
  public CompletableFuture<Optional<SignedPacket>> mostRecent(NodeId id) {
    CompletableFuture<Optional<SignedPacket>> result = new CompletableFuture<>();
    AtomicReference<@Nullable SignedPacket> newest = new AtomicReference<>();
    Subscription lookup =
        find(
            id,
            new Found() {
              @Override
              public void onPacket(SignedPacket packet) {
                newest.set(packet);
              }

              @Override
              public void onEnd(@Nullable IOException failure) {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else {
                  result.complete(Optional.ofNullable(newest.get()));
                }
              }
            });
    result.whenComplete((packet, failure) -> lookup.close());
    return result;
  }

  /**
   * Stores {@code packet} at the nodes that are closest to its place, unless the DHT holds a newer
   * one.
   *
   * @return fails with an {@link IOException} as {@link #mostRecent} does
   */
  public CompletableFuture<PutOutcome> put(SignedPacket packet) {
    MutableItem item = DhtItems.item(packet);
    return put(packet.nodeId(), newest -> newest != null && newest.isNewerThan(item) ? null : item);
  }

  /** {@code choose} says what to store, given what lies there; null: nothing. */
  CompletableFuture<PutOutcome> put(
      NodeId id, Function<@Nullable MutableItem, @Nullable MutableItem> choose) {
    CompletableFuture<PutOutcome> result = new CompletableFuture<>();
    byte[] key = id.toBytes();
    Consumer<IOException> fail = result::completeExceptionally;
    Consumer<PutResult> end =
        outcome -> {
          if (outcome.item() != null && outcome.asked() == 0) {
            fail.accept(
                new IOException(
                    "no node of the DHT answered, so there is none to store anything at; the"
                        + " bootstrap nodes are "
                        + bootstrap));
          } else {
            result.complete(DhtItems.outcome(id, outcome));
          }
        };
    waiting.add(fail);
    result.whenComplete((outcome, failure) -> waiting.remove(fail));
    run(
        engine -> {
          Function<@Nullable MutableItem, @Nullable MutableItem> guarded =
              newest -> {
                try {
                  return result.isDone() ? null : choose.apply(newest);
                } catch (RuntimeException e) {
                  result.completeExceptionally(e);
                  return null;
                }
              };
          if (engine.put(key, NO_SALT, guarded, end, System.nanoTime()) == null) {
            fail.accept(tooMany());
          }
        },
        fail);
    return result;
  }

  /** Each packet is newer than the one before; {@code sink} hears once of the end. */
  Subscription find(NodeId id, Found sink) {
    byte[] key = id.toBytes();
    DhtFind find = new DhtFind(id, sink, bootstrap);
    waiting.add(find.failure());
    find.onEnd(() -> waiting.remove(find.failure()));
    run(
        engine -> {
          DhtEngine.Handle handle = engine.get(key, NO_SALT, find, System.nanoTime());
          if (handle == null) {
            find.failure().accept(tooMany());
          }
          find.begun(handle);
        },
        find.failure());
    return () -> {
      DhtEngine.Handle handle = find.cancel();
      if (handle != null) {
        socket.execute(engine -> handle.cancel());
      }
    };
  }

  private void run(Consumer<DhtEngine> task, Consumer<IOException> fail) {
    bootstrap
        .addresses()
        .thenAccept(
            addresses -> {
              boolean accepted =
                  socket.execute(
                      engine -> {
                        engine.setBootstrap(addresses);
                        task.accept(engine);
                        known.set(engine.nodes());
                      });
              if (!accepted || closed) {
                fail.accept(closedException());
              }
            });
  }

  /** Joins the DHT, so far as this participant does that by itself. */
  void begin() {
    bootstrap.addresses().thenAccept(a -> socket.execute(engine -> engine.setBootstrap(a)));
  }

  private static IOException tooMany() {
    return new IOException(
        "the DHT has " + DhtEngine.MAX_SEARCHES + " lookups under way: try again in some seconds");
  }

  private static IOException closedException() {
    return new IOException("the DHT's participant is closed");
  }

  /** Where its socket is bound. */
  public InetSocketAddress localAddress() {
    return socket.localAddress();
  }

  /** Nodes that it knows: those that have answered lately. */
  public CompletableFuture<Integer> nodes() {
    return ask(DhtEngine::nodes);
  }

  final <T> CompletableFuture<T> ask(Function<DhtEngine, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Consumer<IOException> fail = answer::completeExceptionally;
    waiting.add(fail);
    answer.whenComplete((value, failure) -> waiting.remove(fail));
    if (!socket.execute(engine -> answer.complete(question.apply(engine))) || closed) {
      fail.accept(closedException());
    }
    return answer;
  }

  /** Whether it knew a node when it last looked something up. */
  boolean knewNodes() {
    return known.get() > 0;
  }

  /** Counters by name, for metrics pages. */
  public Map<String, Long> metrics() {
    return socket.counters().snapshot();
  }

  /** Frees socket and thread in at most a second; what is under way fails. Idempotent. */
  @Override
  public void close() {
    closed = true;
    socket.close();
    waiting.forEach(fail -> fail.accept(closedException()));
  }
}
