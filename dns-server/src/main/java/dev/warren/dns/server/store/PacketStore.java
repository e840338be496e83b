package dev.warren.dns.server.store;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The newest signed packet of each key, kept durably (dns-server section 5).
 *
 * <p>Every method may be called from any thread, event loops included: none waits for a disk, a
 * database or a lock that is held over either. What is asked for is queued, within a bound; beyond
 * it the stage fails at once with {@link StoreException.Reason#OVERLOADED}. Stages are completed on
 * the store's own threads or on the caller's, so what is chained to them must be short or move to
 * another executor. A stage that fails does so with a {@link StoreException} and no other.
 */
public interface PacketStore extends AutoCloseable {
  /**
   * Keeps {@code packet} unless one that is more recent is there (discovery section 4.5: the higher
   * timestamp, or on a tie the greater DNS message).
   *
   * <p>When the stage completes, the packet outlives the process, and with {@link Upsert#UPDATED}
   * every {@link StoreListener} of this store has been told. If it fails, the packet may or may not
   * be kept; what was there before is never lost to anything but a more recent packet.
   */
  CompletionStage<Upsert> upsert(SignedPacket packet);

  /**
   * The newest packet of {@code id}: at least as recent as any that was acknowledged before the
   * call by this store. Its signature is checked once more on the way, so that nothing damaged or
   * forged in the storage is served.
   */
  CompletionStage<Optional<SignedPacket>> get(NodeId id);

  /**
   * Removes at most {@code most} packets whose own timestamp is before {@code before}; {@link
   * Eviction} calls it again and again.
   *
   * @param before microseconds since 1970, unsigned
   * @param most 1 to {@link #MAX_STEP}
   * @return how much was looked at: {@code most} means that there may be more
   */
  CompletionStage<Integer> evict(long before, int most);

  /** Most entries of one step of eviction, so that writers behind it do not wait for long. */
  int MAX_STEP = 10_000;

  /** From now on tells {@code listener} what changes; for the store's whole life. */
  void listen(StoreListener listener);

  /** What was done so far. */
  StoreCounters counters();

  /**
   * Refuses what comes from now on, waits until what is queued is done, for at most 30 s, and gives
   * back files or connections. Idempotent; blocks.
   */
  @Override
  void close();
}
