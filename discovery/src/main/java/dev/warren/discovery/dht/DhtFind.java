package dev.warren.discovery.dht;

import dev.warren.base.NodeId;
import dev.warren.discovery.dht.io.BootstrapHosts;
import dev.warren.discovery.dht.logic.DhtEngine;
import dev.warren.discovery.dht.wire.MutableItem;
import dev.warren.discovery.wire.SignedPacket;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One lookup of a packet between the engine and whoever wants it. */
final class DhtFind implements DhtEngine.GetListener {
  private final NodeId id;
  private final Dht.Found sink;
  private final BootstrapHosts bootstrap;
  private final AtomicBoolean over = new AtomicBoolean();
  private final Consumer<IOException> failure = this::end;
  private Runnable onEnd = () -> {};
  private volatile DhtEngine.@Nullable Handle handle;

  DhtFind(NodeId id, Dht.Found sink, BootstrapHosts bootstrap) {
    this.id = id;
    this.sink = sink;
    this.bootstrap = bootstrap;
  }

  /** Before it begins. */
  void onEnd(Runnable listener) {
    onEnd = listener;
  }

  /** Ends it with an error. */
  Consumer<IOException> failure() {
    return failure;
  }

  /** On the DHT's thread. */
  void begun(DhtEngine.@Nullable Handle begun) {
    handle = begun;
    if (over.get() && begun != null) {
      begun.cancel();
    }
  }

  /** Nothing is told any more; returns what is to be cancelled on the DHT's thread. */
  DhtEngine.@Nullable Handle cancel() {
    if (over.compareAndSet(false, true)) {
      onEnd.run();
    }
    return handle;
  }

  @Override
  public void onItem(MutableItem item) {
    Optional<SignedPacket> packet = DhtItems.packet(id, item);
    if (packet.isPresent() && !over.get()) {
      sink.onPacket(packet.get());
    }
  }

  @Override
  public void onDone(int asked, int answered) {
    if (answered > 0) {
      end(null);
    } else if (asked > 0) {
      end(
          new IOException(
              "none of "
                  + asked
                  + " nodes of the DHT answered; the bootstrap nodes are "
                  + bootstrap
                  + ": is UDP to them possible?"));
    } else if (bootstrap.isEmpty()) {
      end(new IOException("no node of the DHT is known: name bootstrap nodes"));
    } else {
      end(
          new IOException(
              "no node of the DHT is known: none of the bootstrap nodes "
                  + bootstrap
                  + " has an address of the socket's family"));
    }
  }

  private void end(@Nullable IOException cause) {
    if (over.compareAndSet(false, true)) {
      onEnd.run();
      sink.onEnd(cause);
    }
  }
}
