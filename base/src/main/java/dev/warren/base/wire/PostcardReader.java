package dev.warren.base.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the few postcard shapes of this network (addresses-and-tickets section 4). Every length is
 * checked against what remains before anything is allocated. Trailing bytes are the caller's
 * business: the decoder that tickets were made for ignores them. Not thread-safe.
 */
public final class PostcardReader {
  private final byte[] bytes;
  private int at;

  public PostcardReader(byte[] bytes) {
    this.bytes = bytes;
  }

  public int remaining() {
    return bytes.length - at;
  }

  public int u8() throws PostcardException {
    if (at >= bytes.length) {
      throw end(1);
    }
    return bytes[at++] & 0xff;
  }

  public byte[] take(int n) throws PostcardException {
    if (n < 0 || n > remaining()) {
      throw end(n);
    }
    at += n;
    return Arrays.copyOfRange(bytes, at - n, at);
  }

  /** An unsigned LEB128 of at most {@code bits} bits. */
  public long varint(int bits) throws PostcardException {
    long value = 0;
    int max = (bits + 6) / 7;
    for (int i = 0; i < max; i++) {
      int b = u8();
      int shift = 7 * i;
      if (i == max - 1 && (b & 0x7f) >> (bits - shift) != 0 || i == max - 1 && (b & 0x80) != 0) {
        throw new PostcardException("number too large at byte " + at);
      }
      value |= (long) (b & 0x7f) << shift;
      if ((b & 0x80) == 0) {
        return value;
      }
    }
    throw new PostcardException("number too long at byte " + at);
  }

  /** A count of items that take at least {@code minItem} bytes each. */
  public int count(int minItem) throws PostcardException {
    long n = varint(64);
    if (n < 0 || n > remaining() / Math.max(1, minItem)) {
      throw new PostcardException(
          "count " + Long.toUnsignedString(n) + " at byte " + at + " is impossible");
    }
    return (int) n;
  }

  public boolean bool() throws PostcardException {
    int tag = u8();
    if (tag > 1) {
      throw new PostcardException("tag " + tag + " at byte " + at + " is neither 0 nor 1");
    }
    return tag == 1;
  }

  public byte[] byteString() throws PostcardException {
    return take(count(1));
  }

  public String string() throws PostcardException {
    byte[] utf8 = byteString();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new PostcardException("text before byte " + at + " is not UTF-8");
    }
  }

  private PostcardException end(int wanted) {
    return new PostcardException(
        "ends at byte "
            + bytes.length
            + " where "
            + wanted
            + " more were expected after byte "
            + at);
  }
}
