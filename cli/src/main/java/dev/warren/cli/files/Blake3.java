package dev.warren.cli.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.Blake3Digest;

/** BLAKE3 with 256 bits of output. Not thread-safe. */
final class Blake3 {
  static final int BYTES = 32;

  private final Blake3Digest digest = new Blake3Digest(BYTES * 8);

  void update(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  byte[] hash() {
    byte[] out = new byte[BYTES];
    digest.doFinal(out, 0);
    return out;
  }

  static byte[] of(byte[] bytes) {
    Blake3 blake = new Blake3();
    blake.update(bytes, 0, bytes.length);
    return blake.hash();
  }

  /** Takes in the first {@code length} bytes of a file and leaves the channel behind them. */
  void updatePrefix(FileChannel file, long length, byte[] chunk) throws IOException {
    file.position(0);
    for (long left = length; left > 0; ) {
      int n = file.read(ByteBuffer.wrap(chunk, 0, (int) Math.min(left, chunk.length)));
      if (n < 0) {
        throw new FileTransferException("a file became shorter while it was read");
      }
      update(chunk, 0, n);
      left -= n;
    }
  }

  static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
