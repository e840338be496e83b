package dev.warren.base.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes what {@link PostcardReader} reads; numbers are always minimal. Not thread-safe. */
public final class PostcardWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public PostcardWriter u8(int value) {
    out.write(value);
    return this;
  }

  public PostcardWriter raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  public PostcardWriter varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  public PostcardWriter byteString(byte[] bytes) {
    return varint(bytes.length).raw(bytes);
  }

  public PostcardWriter string(String text) {
    return byteString(text.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] toBytes() {
    return out.toByteArray();
  }
}
