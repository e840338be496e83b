package dev.warren.dns.server.store.queue;

import dev.warren.base.NodeId;
import dev.warren.dns.server.store.StoreListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those who listen to a store; one that throws does the others and the store no harm. */
public final class Listeners implements StoreListener {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final List<StoreListener> all = new CopyOnWriteArrayList<>();

  /** Creates none. */
  public Listeners() {}

  public void add(StoreListener listener) {
    all.add(listener);
  }

  @Override
  public void changed(NodeId id) {
    tell(listener -> listener.changed(id));
  }

  @Override
  public void allChanged() {
    tell(StoreListener::allChanged);
  }

  private void tell(Consumer<StoreListener> what) {
    for (StoreListener listener : all) {
      try {
        what.accept(listener);
      } catch (RuntimeException e) {
        LOG.warn("a listener of the packet store threw", e);
      }
    }
  }
}
