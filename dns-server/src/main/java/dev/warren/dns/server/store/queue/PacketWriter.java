package dev.warren.dns.server.store.queue;

import dev.warren.dns.server.store.StoreException;
import java.util.List;

/** Writes for a {@link WriteQueue}, on its thread only. */
public interface PacketWriter {
  /**
   * Writes {@code puts}, in this order, and completes each when it is durable.
   *
   * @throws StoreException if what is not completed has failed
   */
  void write(List<Put> puts) throws StoreException;

  /** One step of eviction; returns how much was looked at. */
  int evict(long before, int most) throws StoreException;

  /** Called after each batch, and about every {@link WriteQueue#PAUSE_MILLIS} without one. */
  void tend();

  /** The last call. */
  void close();
}
