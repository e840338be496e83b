package dev.warren.dns.server.store.file;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of the log: packets in the order in which they came, each with a checksum.
 *
 * <pre>
 *     0  "WARRENPL" ‖ format u32 ‖ store id 16 B ‖ number u64 ‖ crc32c of these
 *   512  acknowledged length u64 ‖ crc32c of it         a sector of its own, so never half written
 *  1024  length u16 ‖ crc32c of length and packet ‖ packet, again and again
 * </pre>
 *
 * The acknowledged length is written after each sync and before anybody hears of it. It need not be
 * synced itself: it survives the process, and the power going out leaves an earlier one. So
 * everything before it must be intact, and what is broken behind it was never acknowledged.
 *
 * <p>For one thread.
 */
final class LogSegment implements AutoCloseable {
  /** What one append may take: a batch of the writer. */
  static final int MAX_APPEND = 512;

  /** Most bytes of a segment: the writer stops long before where it cannot make a checkpoint. */
  static final long MAX_LENGTH = 128L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(LogSegment.class);
  private static final long MAGIC = 0x57415252454e504cL; // "WARRENPL"
  private static final int FORMAT = 1;
  private static final int HEADER = 8 + 4 + StoreId.LENGTH + 8;
  private static final int ACKNOWLEDGED = 512;
  private static final int START = 1024;
  private static final int FRAME = 2 + 4;

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(MAX_APPEND * (FRAME + SignedPacket.MAX_LENGTH));
  private long length = START;

  private LogSegment(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Creates an empty segment, synced; the folder is not. */
  static LogSegment create(Path file, StoreId id, long number) throws IOException {
    // A file of this name may be left over from an attempt that failed; nothing was acknowledged.
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      LogSegment segment = new LogSegment(file, channel);
      ByteBuffer start = ByteBuffer.allocate(START);
      start.putLong(MAGIC).putInt(FORMAT).put(id.bytes()).putLong(number);
      start.putInt(checksum(start.array(), 0, HEADER));
      start.position(ACKNOWLEDGED).put(acknowledged(START)).position(0);
      segment.write(start, 0);
      channel.force(true);
      return segment;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static ByteBuffer acknowledged(long length) {
    ByteBuffer slot = ByteBuffer.allocate(12).putLong(length);
    return slot.putInt(checksum(slot.array(), 0, 8)).flip();
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  private static int checksum(byte[] packet) {
    CRC32C crc = new CRC32C();
    crc.update(packet.length >> 8);
    crc.update(packet.length);
    crc.update(packet);
    return (int) crc.getValue();
  }

  /** Bytes in the file that are acknowledged or its own. */
  long length() {
    return length;
  }

  /**
   * Appends and syncs at most {@link #MAX_APPEND} packets. After a failure nothing may be appended
   * any more: what a failed sync has left on the disk is not known.
   */
  void append(List<byte[]> packets) throws IOException {
    buffer.clear();
    for (byte[] packet : packets) {
      buffer.putShort((short) packet.length).putInt(checksum(packet)).put(packet);
    }
    buffer.flip();
    long end = length + buffer.remaining();
    write(buffer, length);
    channel.force(false);
    write(acknowledged(end), ACKNOWLEDGED);
    length = end;
  }

  private void write(ByteBuffer bytes, long position) throws IOException {
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  /** Gives back the room of what was not acknowledged, as far as that works. */
  void abandon() {
    try (channel) {
      channel.truncate(length);
    } catch (IOException e) {
      LOG.debug("{} keeps what it could not take", file, e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * Gives every packet of {@code file} to {@code each}.
   *
   * @throws StoreException if what was acknowledged is not intact, or the file is not this one
   */
  static void read(Path file, StoreId id, long number, Consumer<byte[]> each) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < START) {
        throw damaged(file, "it has only " + size + " bytes");
      }
      if (size > MAX_LENGTH) {
        throw damaged(file, "no log has " + size + " bytes");
      }
      ByteBuffer all = ByteBuffer.allocate((int) size);
      while (all.hasRemaining() && channel.read(all) >= 0) {}
      all.flip();
      checkHeader(file, all, id, number);
      readPackets(file, all, readAcknowledged(file, all), each);
    }
  }

  private static void checkHeader(Path file, ByteBuffer all, StoreId id, long number)
      throws StoreException {
    if (all.getLong() != MAGIC) {
      throw damaged(file, "it does not begin as a log does");
    }
    int format = all.getInt();
    if (format > FORMAT && checksum(all.array(), 0, HEADER) == all.getInt(HEADER)) {
      throw new StoreException(
          Reason.DAMAGED,
          file + " was written by a newer version of this program; use that, or a newer one");
    }
    byte[] itsId = new byte[StoreId.LENGTH];
    all.get(itsId);
    long itsNumber = all.getLong();
    if (checksum(all.array(), 0, HEADER) != all.getInt()) {
      throw damaged(file, "the checksum of its header is wrong");
    }
    if (format != FORMAT || !id.equals(new StoreId(itsId)) || itsNumber != number) {
      throw damaged(file, "it belongs to another store or has been renamed");
    }
  }

  private static long readAcknowledged(Path file, ByteBuffer all) throws StoreException {
    long acknowledged = all.getLong(ACKNOWLEDGED);
    if (checksum(all.array(), ACKNOWLEDGED, 8) != all.getInt(ACKNOWLEDGED + 8)) {
      throw damaged(file, "the checksum of its length is wrong");
    }
    if (acknowledged > all.limit()) {
      throw damaged(
          file, "it has " + all.limit() + " bytes, but " + acknowledged + " were acknowledged");
    }
    return acknowledged;
  }

  private static void readPackets(
      Path file, ByteBuffer all, long acknowledged, Consumer<byte[]> each) throws StoreException {
    all.position(START);
    while (all.hasRemaining()) {
      int at = all.position();
      byte[] packet = nextPacket(all);
      if (packet == null && at < acknowledged) {
        throw damaged(file, "the packet at byte " + at + " is not intact, though acknowledged");
      }
      if (packet == null) {
        // Cut off when the process or the machine ended; nobody was told that it is kept.
        LOG.info("{}: {} bytes of an unfinished write are ignored", file, all.limit() - at);
        return;
      }
      each.accept(packet);
    }
  }

  private static byte @Nullable [] nextPacket(ByteBuffer all) {
    if (all.remaining() < FRAME) {
      return null;
    }
    int length = Short.toUnsignedInt(all.getShort());
    int checksum = all.getInt();
    if (!PacketBytes.isLength(length) || length > all.remaining()) {
      return null;
    }
    byte[] packet = new byte[length];
    all.get(packet);
    return checksum(packet) == checksum ? packet : null;
  }

  private static StoreException damaged(Path file, String why) {
    return Damage.of(file, why, null);
  }
}
