package dev.warren.dns.server.store.file;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * Byte arrays in a table, in unsigned order. Unlike H2's own type it takes no length that the page
 * cannot hold, so that a damaged one allocates nothing, and counts what an array costs in the heap.
 */
final class ByteType extends BasicDataType<byte[]> {
  static final ByteType INSTANCE = new ByteType();

  /** Header of an array, and the reference to it. */
  private static final int OVERHEAD = 24;

  private ByteType() {}

  @Override
  public int compare(byte[] one, byte[] other) {
    return Arrays.compareUnsigned(one, other);
  }

  @Override
  public int getMemory(byte[] bytes) {
    return OVERHEAD + bytes.length;
  }

  @Override
  public void write(WriteBuffer buffer, byte[] bytes) {
    buffer.putVarInt(bytes.length).put(bytes);
  }

  @Override
  public byte[] read(ByteBuffer buffer) {
    int length = DataUtils.readVarInt(buffer);
    if (length < 0 || length > buffer.remaining()) {
      throw DataUtils.newMVStoreException(
          DataUtils.ERROR_FILE_CORRUPT, "an entry of {0} bytes in {1}", length, buffer.remaining());
    }
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  @Override
  public byte[][] createStorage(int size) {
    return new byte[size][];
  }
}
