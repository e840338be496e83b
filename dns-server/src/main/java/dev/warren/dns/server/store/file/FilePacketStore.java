package dev.warren.dns.server.store.file;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.SignedPacketException;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import dev.warren.dns.server.store.StoreListener;
import dev.warren.dns.server.store.Upsert;
import dev.warren.dns.server.store.queue.Listeners;
import dev.warren.dns.server.store.queue.Readers;
import dev.warren.dns.server.store.queue.WriteQueue;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps packets in a folder of the local disk, for one process at a time.
 *
 * <p>A packet is acknowledged when it is on the disk (synced), with all that came while the disk
 * was busy with the group before. What was acknowledged survives the end of the process at any
 * moment and, as far as the disk keeps what it has synced, of the machine. What is damaged is
 * refused when the store is opened: everything is read then, and compared with its checksums.
 *
 * <p>On a full disk writes fail with {@link Reason#UNAVAILABLE} and reads go on; when there is room
 * again, so do writes.
 */
public final class FilePacketStore implements PacketStore {
  /** The heap that is used to cache pages by default: enough that a million keys need no more. */
  public static final int DEFAULT_CACHE_MIB = 64;

  /** Reads wait for the disk at most, so a few threads do. */
  private static final int READERS = 2;

  private final Disk disk;
  private final StoreCounters counters = new StoreCounters();
  private final Listeners listeners = new Listeners();
  private final WriteQueue writes;
  private final Readers readers;

  private FilePacketStore(Disk disk) {
    this.disk = disk;
    this.writes = new WriteQueue(new FileWriter(disk, counters, listeners), counters);
    this.readers = new Readers(READERS, counters);
  }

  /**
   * Opens the store in {@code directory}, or creates one there if it is absent or empty. A file
   * beside it, of its name and {@code .lock}, keeps other processes out. Blocks: about 5 s for a
   * million keys.
   *
   * @throws StoreException if it is damaged, another program's, of a newer version, in use by
   *     another process, or cannot be read
   */
  public static FilePacketStore open(Path directory) throws StoreException {
    return open(directory, DEFAULT_CACHE_MIB);
  }

  /**
   * As {@link #open(Path)}.
   *
   * @param cacheMiB the heap that is used to cache pages
   */
  public static FilePacketStore open(Path directory, int cacheMiB) throws StoreException {
    StoreDirectory held = StoreDirectory.open(directory);
    try {
      return new FilePacketStore(Disk.open(held, cacheMiB));
    } catch (StoreException | RuntimeException e) {
      held.close();
      throw e;
    }
  }

  @Override
  public CompletionStage<Upsert> upsert(SignedPacket packet) {
    return writes.put(packet);
  }

  @Override
  public CompletionStage<Optional<SignedPacket>> get(NodeId id) {
    return readers.submit(() -> read(id));
  }

  private Optional<SignedPacket> read(NodeId id) throws StoreException {
    byte[] packet = disk.get(id.toBytes());
    if (packet == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(SignedPacket.parse(packet));
    } catch (SignedPacketException e) {
      throw new StoreException(
          Reason.DAMAGED, "the stored packet of " + id.toZ32() + " is none: " + e.getMessage(), e);
    }
  }

  @Override
  public CompletionStage<Integer> evict(long before, int most) {
    return writes.evict(before, most);
  }

  @Override
  public void listen(StoreListener listener) {
    listeners.add(listener);
  }

  @Override
  public StoreCounters counters() {
    return counters;
  }

  /** Keys that have a packet; for a gauge. */
  public long size() {
    return disk.size();
  }

  @Override
  public void close() {
    readers.close();
    writes.close();
  }
}
