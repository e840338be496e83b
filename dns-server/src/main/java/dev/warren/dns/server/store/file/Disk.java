package dev.warren.dns.server.store.file;

import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.io.IOException;
import java.util.List;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Table and log of a folder, kept in step. What was appended to the log and put into the table
 * becomes durable in the table at the next checkpoint; where the table fails (MVStore closes itself
 * then), it is opened anew and given the log once more.
 *
 * <p>For the writer's thread; {@link #get} for any.
 */
final class Disk implements AutoCloseable {
  /**
   * A checkpoint is made when so much is only in the table's memory: it is written in one piece,
   * from a buffer of that size, so this and that much again is what the heap must have room for.
   */
  private static final long UNSAVED = 24L << 20;

  /** A checkpoint is made when the log has so many bytes: what a start has to read again. */
  private static final long LOG_BYTES = 16L << 20;

  /** Without room for a checkpoint, writes are refused when so much would be read at a start. */
  private static final long MOST_LOG_BYTES = 64L << 20;

  /** The table's file is made smaller while less than this is in use; measured: see the docs. */
  private static final int FILL_PERCENT = 70;

  /** So much is rewritten at once, between two groups of packets: some 50 ms. */
  private static final int COMPACT_BYTES = 4 << 20;

  /** A table that failed is opened anew at most so often: it reads the whole log. */
  private static final long REPAIR_NANOS = 1_000_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(Disk.class);

  private final StoreDirectory directory;
  private final int cacheMiB;
  private volatile PacketTable table;
  private PacketLog log;
  private boolean broken;
  private boolean complained;
  private long lastRepair = System.nanoTime() - REPAIR_NANOS;

  private Disk(StoreDirectory directory, int cacheMiB, PacketTable table, PacketLog log) {
    this.directory = directory;
    this.cacheMiB = cacheMiB;
    this.table = table;
    this.log = log;
  }

  /** Checks everything that is there, and reads the log. */
  static Disk open(StoreDirectory directory, int cacheMiB) throws StoreException {
    PacketTable table = PacketTable.open(directory.table(), cacheMiB);
    try {
      table.verify();
      return new Disk(directory, cacheMiB, table, replay(directory, table));
    } catch (StoreException | RuntimeException e) {
      table.abandon();
      throw e;
    }
  }

  private static PacketLog replay(StoreDirectory directory, PacketTable table)
      throws StoreException {
    try {
      return PacketLog.open(
          directory.path(), table.id(), table.checkpoint(), packet -> putAgain(table, packet));
    } catch (StoreException e) {
      throw e;
    } catch (Undone e) {
      throw e.why;
    } catch (MVStoreException | IOException e) {
      throw failed(directory, "put the log into", e);
    }
  }

  /** Carries a failure out of the reading of the log. */
  private static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient StoreException why;

    Undone(StoreException why) {
      super(why);
      this.why = why;
    }
  }

  private static void putAgain(PacketTable table, byte[] packet) {
    try {
      byte[] old = table.get(PacketBytes.key(packet));
      if (old == null || !PacketBytes.isMoreRecent(old, packet)) {
        table.replace(old, packet);
      }
      if (table.unsaved() > UNSAVED) {
        // The checkpoint stays: what was put again may be put again.
        table.commit();
      }
    } catch (StoreException e) {
      throw new Undone(e);
    }
  }

  /** The packet of {@code key}, whole; null if there is none. Any thread. */
  byte @Nullable [] get(byte[] key) throws StoreException {
    try {
      return table.get(key);
    } catch (MVStoreException e) {
      throw failed("read", e);
    }
  }

  private StoreException failed(String what, Exception e) {
    return failed(directory, what, e);
  }

  private static StoreException failed(StoreDirectory directory, String what, Exception e) {
    return new StoreException(
        Reason.UNAVAILABLE,
        "cannot "
            + what
            + " the packet store "
            + directory.path()
            + " ("
            + e.getMessage()
            + "); if the disk is full, make room: it is tried again by itself",
        e);
  }

  /** Makes {@code packets} durable in the log; {@link #put} them afterwards. */
  void append(List<byte[]> packets) throws StoreException {
    repair();
    if (log.bytes() > MOST_LOG_BYTES) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "the packet store "
              + directory.path()
              + " has no room to tidy up: make some; it is tried again by itself");
    }
    try {
      log.append(packets);
    } catch (IOException e) {
      throw failed("write to", e);
    }
  }

  /** Puts a durable packet in the place of {@code old}. */
  void put(byte @Nullable [] old, byte[] packet) throws StoreException {
    try {
      table.replace(old, packet);
    } catch (MVStoreException e) {
      broken = true;
      throw failed("write to", e);
    }
  }

  /** Removes at most {@code most} packets from before {@code before}. */
  PacketTable.Evicted evict(long before, int most) throws StoreException {
    repair();
    try {
      return table.evict(before, most);
    } catch (MVStoreException e) {
      broken = true;
      throw failed("write to", e);
    }
  }

  /** Makes a checkpoint if it is time, and tidies up a little. */
  void tend() {
    if (broken) {
      repairIfTime();
      return;
    }
    try {
      boolean due = table.unsaved() > UNSAVED || log.bytes() > LOG_BYTES;
      if (due && hasRoom()) {
        checkpoint();
      }
      if (table.unsaved() < UNSAVED / 2) {
        table.compact(FILL_PERCENT, COMPACT_BYTES);
      }
      complained = false;
    } catch (MVStoreException e) {
      broken = true;
      complain(e);
    } catch (IOException e) {
      complain(e);
    }
  }

  /** MVStore does not survive a full disk, so it is not tried. */
  private boolean hasRoom() throws IOException {
    long needed = 2 * table.unsaved() + COMPACT_BYTES;
    if (directory.usableBytes() >= needed) {
      return true;
    }
    complain(new IOException("a checkpoint needs " + needed + " bytes of the disk"));
    return false;
  }

  private void complain(Exception e) {
    if (!complained) {
      complained = true;
      LOG.warn("{}", failed("tidy up", e).getMessage());
    }
  }

  private void checkpoint() throws IOException {
    long complete = log.newest();
    log.roll();
    table.checkpoint(complete);
    log.deleteUpTo(complete);
  }

  private void repairIfTime() {
    try {
      if (System.nanoTime() - lastRepair >= REPAIR_NANOS) {
        repair();
      }
    } catch (StoreException e) {
      complain(e);
    }
  }

  /** Opens the table anew if it has failed. */
  private void repair() throws StoreException {
    if (!broken) {
      return;
    }
    if (System.nanoTime() - lastRepair < REPAIR_NANOS) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "the packet store " + directory.path() + " has failed; it is opened anew every second");
    }
    try {
      openAgain();
    } finally {
      lastRepair = System.nanoTime();
    }
  }

  private void openAgain() throws StoreException {
    table.abandon();
    try {
      log.close();
    } catch (IOException e) {
      LOG.debug("a segment could not be closed", e);
    }
    PacketTable again = PacketTable.open(directory.table(), cacheMiB);
    try {
      log = replay(directory, again);
    } catch (StoreException | RuntimeException e) {
      again.abandon();
      throw e;
    }
    table = again;
    broken = false;
    LOG.info("the packet store {} works again", directory.path());
  }

  long size() {
    return table.size();
  }

  @Override
  public void close() {
    try {
      if (!broken && hasRoom()) {
        checkpoint();
        table.close();
      }
    } catch (MVStoreException | IOException e) {
      // Everything acknowledged is in the log.
      complain(e);
    } finally {
      table.abandon();
      try (directory) {
        log.close();
      } catch (IOException e) {
        LOG.debug("a file of the packet store could not be closed", e);
      }
    }
  }
}
