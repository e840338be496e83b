package dev.warren.dns.server.store.file;

import dev.warren.base.NodeId;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packets by key, and the keys by timestamp, in one file of MVStore. What is put is in memory
 * until the next {@link #checkpoint}, which makes both maps durable together.
 *
 * <p>One thread writes; any thread may {@link #get} meanwhile. Everything may throw {@link
 * MVStoreException} where the file fails; the table is of no use then and has to be opened anew.
 */
final class PacketTable implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PacketTable.class);
  private static final String FORMAT = "1";
  private static final int CHECKSUM = 4;

  /**
   * About ten packets: a smaller page makes more of them, a larger one is written for one packet.
   */
  private static final int PAGE = 4096;

  /** Space is used again when nothing has needed it for so long; readers take microseconds. */
  private static final int RETENTION_MILLIS = 2_000;

  private final Path file;
  private final MVStore store;
  private final MVMap<String, String> meta;
  private final MVMap<byte[], byte[]> packets;
  private final MVMap<byte[], byte[]> index;

  private PacketTable(Path file, MVStore store) {
    this.file = file;
    this.store = store;
    this.meta = store.openMap("warren");
    this.packets = store.openMap("packets", bytes());
    this.index = store.openMap("timestamps", bytes());
  }

  private static MVMap.Builder<byte[], byte[]> bytes() {
    return new MVMap.Builder<byte[], byte[]>()
        .keyType(ByteType.INSTANCE)
        .valueType(ByteType.INSTANCE);
  }

  private static MVStore openStore(Path file, int cacheMiB) {
    MVStore store =
        new MVStore.Builder()
            .fileName(file.toString())
            .autoCommitDisabled()
            // Else it commits by itself in the middle of a replacement when much is unsaved.
            .autoCommitBufferSize(0)
            .cacheSize(cacheMiB)
            .pageSplitSize(PAGE)
            .open();
    store.setVersionsToKeep(0);
    store.setRetentionTime(RETENTION_MILLIS);
    return store;
  }

  /** Creates the file of a new store. */
  static void create(Path file, StoreId id) {
    MVStore store = openStore(file, 1);
    PacketTable table = new PacketTable(file, store);
    table.meta.put("format", FORMAT);
    table.meta.put("id", id.toString());
    table.checkpoint(0);
    table.store.close();
  }

  /**
   * Opens what is there.
   *
   * @param cacheMiB heap for pages that were read
   * @throws StoreException if it is not a table, or of a newer version
   */
  static PacketTable open(Path file, int cacheMiB) throws StoreException {
    if (!Files.isRegularFile(file) || isEmpty(file)) {
      throw Damage.of(file, "it is missing or empty", null);
    }
    MVStore store;
    try {
      store = openStore(file, cacheMiB);
    } catch (MVStoreException e) {
      throw Damage.of(file, e.getMessage(), e);
    } catch (RuntimeException | OutOfMemoryError e) {
      // A damaged file leads MVStore anywhere.
      throw Damage.of(file, e.toString(), e);
    }
    try {
      checkFormat(file, store);
      return new PacketTable(file, store);
    } catch (StoreException e) {
      store.closeImmediately();
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      store.closeImmediately();
      throw Damage.of(file, e.toString(), e);
    }
  }

  private static boolean isEmpty(Path file) throws StoreException {
    try {
      return Files.size(file) == 0;
    } catch (IOException e) {
      throw new StoreException(Reason.UNAVAILABLE, "cannot read " + file + ": " + e, e);
    }
  }

  private static void checkFormat(Path file, MVStore store) throws StoreException {
    if (!store.hasMap("warren") || !store.hasMap("packets") || !store.hasMap("timestamps")) {
      throw Damage.of(file, "it is a file of H2, but another program's", null);
    }
    String format = String.valueOf(store.<String, String>openMap("warren").get("format"));
    if (!format.equals(FORMAT)) {
      throw new StoreException(
          Reason.DAMAGED,
          file
              + " has the format "
              + format
              + ", and this program knows "
              + FORMAT
              + ": it was written by a newer version; use that, or a newer one");
    }
  }

  StoreId id() throws StoreException {
    try {
      return StoreId.parse(String.valueOf(meta.get("id")));
    } catch (IllegalArgumentException e) {
      throw Damage.of(file, "its id is not one", e);
    }
  }

  /** The number of the last segment of the log whose packets are all here. */
  long checkpoint() throws StoreException {
    try {
      return Long.parseLong(String.valueOf(meta.get("checkpoint")));
    } catch (NumberFormatException e) {
      throw Damage.of(file, "its checkpoint is not a number", e);
    }
  }

  /** Makes everything put so far durable, as all of the log up to the segment {@code number}. */
  void checkpoint(long number) {
    meta.put("checkpoint", Long.toString(number));
    commit();
  }

  /** Makes everything put so far durable. */
  void commit() {
    store.commit();
    store.sync();
  }

  /** Bytes put that are only in memory, about. */
  long unsaved() {
    return store.getUnsavedMemory();
  }

  long size() {
    return packets.sizeAsLong();
  }

  /** The packet of {@code key}, whole; null if there is none. */
  byte @Nullable [] get(byte[] key) throws StoreException {
    byte[] value = packets.get(key);
    return value == null ? null : packet(key, value);
  }

  private byte[] packet(byte[] key, byte[] value) throws StoreException {
    if (!PacketBytes.isLength(value.length - CHECKSUM + NodeId.LENGTH)
        || key.length != NodeId.LENGTH
        || ByteBuffer.wrap(value).getInt() != checksum(key, value)) {
      throw Damage.of(file, "the checksum of a packet is wrong", null);
    }
    byte[] packet = Arrays.copyOf(key, NodeId.LENGTH + value.length - CHECKSUM);
    System.arraycopy(value, CHECKSUM, packet, NodeId.LENGTH, value.length - CHECKSUM);
    return packet;
  }

  private static int checksum(byte[] key, byte[] value) {
    CRC32C crc = new CRC32C();
    crc.update(key);
    crc.update(value, CHECKSUM, value.length - CHECKSUM);
    return (int) crc.getValue();
  }

  /** Puts {@code packet} in the place of {@code old}, which {@link #get} gave for its key. */
  void replace(byte @Nullable [] old, byte[] packet) {
    byte[] key = PacketBytes.key(packet);
    byte[] value = new byte[CHECKSUM + packet.length - NodeId.LENGTH];
    System.arraycopy(packet, NodeId.LENGTH, value, CHECKSUM, packet.length - NodeId.LENGTH);
    ByteBuffer.wrap(value).putInt(checksum(key, value));
    if (old != null) {
      index.remove(entry(PacketBytes.timestamp(old), key));
    }
    packets.put(key, value);
    index.put(entry(PacketBytes.timestamp(packet), key), NOTHING);
  }

  private static final byte[] NOTHING = {};

  private static byte[] entry(long timestamp, byte[] key) {
    return ByteBuffer.allocate(Long.BYTES + key.length).putLong(timestamp).put(key).array();
  }

  /** The keys whose packets were removed, and how many entries that took. */
  record Evicted(List<byte[]> keys, int lookedAt) {}

  /** Removes at most {@code most} packets from before {@code before}. */
  Evicted evict(long before, int most) throws StoreException {
    List<byte[]> entries = new ArrayList<>();
    byte[] end = ByteBuffer.allocate(Long.BYTES).putLong(before).array();
    Cursor<byte[], byte[]> cursor = index.cursor(null);
    while (entries.size() < most && cursor.hasNext()) {
      byte[] entry = cursor.next();
      if (Arrays.compareUnsigned(entry, end) >= 0) {
        break;
      }
      entries.add(entry);
    }
    entries.forEach(index::remove);
    return new Evicted(remove(entries), entries.size());
  }

  private List<byte[]> remove(List<byte[]> entries) throws StoreException {
    List<byte[]> keys = new ArrayList<>(entries.size());
    for (byte[] entry : entries) {
      byte[] key = Arrays.copyOfRange(entry, Long.BYTES, entry.length);
      byte[] packet = get(key);
      // Never by what the index says alone.
      if (packet != null && Arrays.equals(entry, entry(PacketBytes.timestamp(packet), key))) {
        packets.remove(key);
        keys.add(key);
      }
    }
    return keys;
  }

  /**
   * Reads everything, and finds it again by its key; puts the timestamps in order where they are
   * not those of the packets.
   */
  void verify() throws StoreException {
    try {
      Digest ofPackets = digestPackets();
      Digest ofIndex = digestIndex();
      if (!ofIndex.equals(ofPackets)) {
        LOG.warn(
            "{}: its {} timestamps are not those of its {} packets, and are collected anew",
            file,
            ofIndex.count,
            ofPackets.count);
        collectTimestamps();
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      throw Damage.of(file, e.toString(), e);
    }
  }

  private Digest digestPackets() throws StoreException {
    Digest digest = new Digest();
    for (Cursor<byte[], byte[]> c = packets.cursor(null); c.hasNext(); ) {
      byte[] key = c.next();
      byte[] packet = packet(key, c.getValue());
      if (!packets.containsKey(key)) {
        throw Damage.of(file, "a packet is not where its key leads to", null);
      }
      digest.add(entry(PacketBytes.timestamp(packet), key));
    }
    if (digest.count != packets.sizeAsLong()) {
      throw Damage.of(file, digest.count + " packets of " + packets.sizeAsLong(), null);
    }
    return digest;
  }

  private Digest digestIndex() {
    Digest digest = new Digest();
    for (Cursor<byte[], byte[]> c = index.cursor(null); c.hasNext(); ) {
      byte[] entry = c.next();
      if (index.containsKey(entry)) {
        digest.add(entry);
      }
    }
    return digest;
  }

  private void collectTimestamps() throws StoreException {
    index.clear();
    for (Cursor<byte[], byte[]> c = packets.cursor(null); c.hasNext(); ) {
      byte[] key = c.next();
      index.put(entry(PacketBytes.timestamp(packet(key, c.getValue())), key), NOTHING);
    }
    commit();
  }

  /**
   * Rewrites up to {@code bytes} of pages from the emptiest parts of the file, if less than {@code
   * percent} of it is in use; the room is free some seconds after the next checkpoint.
   *
   * @return whether there was anything to do
   */
  boolean compact(int percent, int bytes) {
    return store.getFileStore().compact(percent, bytes);
  }

  /** Closes without writing: what is not in a checkpoint is in the log. */
  void abandon() {
    store.closeImmediately();
  }

  /** Writes what there is and closes. */
  @Override
  public void close() {
    store.close();
  }
}
