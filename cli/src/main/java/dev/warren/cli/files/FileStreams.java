package dev.warren.cli.files;

import dev.warren.base.Alpn;
import dev.warren.core.RecvStream;
import dev.warren.core.SendStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The frames on the one bidirectional stream of a transfer, big-endian.
 *
 * <ol>
 *   <li>receiver: {@code u8} version
 *   <li>sender: {@code u32} length, {@link Manifest}
 *   <li>receiver: what it wants, {@code u32} index and {@code u64} offset each, ended by index
 *       0xffffffff; an empty list says that it has everything
 *   <li>sender, for each: chunks of {@code u32} length and bytes, ended by length 0 and the BLAKE3
 *       hash of the whole file; or length 0xffffffff, {@code u16} length and why it cannot go on;
 *       then step 3 again
 * </ol>
 */
final class FileStreams {
  /** Ours alone: no foreign peer speaks it. */
  static final Alpn ALPN = Alpn.of("warren-files/1");

  static final int VERSION = 1;
  static final int CHUNK = 256 * 1024;
  private static final int NONE = -1;
  private static final int MAX_TEXT = 1024;

  /** A file that the receiver lacks, and from where on. */
  record Want(int index, long offset) {}

  private FileStreams() {}

  static int readInt(RecvStream in) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(4);
    in.readFully(b);
    return b.getInt(0);
  }

  static byte[] readBytes(RecvStream in, int length) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(length);
    in.readFully(b);
    return b.array();
  }

  static void writeManifest(SendStream out, byte[] manifest) throws IOException {
    out.write(ByteBuffer.allocate(4).putInt(manifest.length).flip());
    out.write(manifest);
  }

  static byte[] readManifest(RecvStream in) throws IOException {
    int length = readInt(in);
    if (length < 1 || length > Manifest.MAX_BYTES) {
      throw new FileTransferException("the list of files has a length of " + length);
    }
    return readBytes(in, length);
  }

  static void writeWants(SendStream out, List<Want> wants) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(12 * wants.size() + 4);
    wants.forEach(w -> b.putInt(w.index()).putLong(w.offset()));
    out.write(b.putInt(NONE).flip());
  }

  static List<Want> readWants(RecvStream in, Manifest manifest) throws IOException {
    List<Want> wants = new ArrayList<>();
    for (int index = readInt(in); index != NONE; index = readInt(in)) {
      ByteBuffer offset = ByteBuffer.wrap(readBytes(in, 8));
      Want want = new Want(index, offset.getLong());
      boolean known = index >= 0 && index < manifest.entries().size();
      if (!known
          || want.offset() < 0
          || want.offset() > manifest.entries().get(index).size()
          || wants.size() >= manifest.entries().size()) {
        throw new FileTransferException("the receiver asked for what was not offered");
      }
      wants.add(want);
    }
    return wants;
  }

  /** {@code chunk} holds the frame's length in its first four bytes. */
  static void writeChunk(SendStream out, byte[] chunk, int length) throws IOException {
    ByteBuffer.wrap(chunk).putInt(length);
    out.write(chunk, 0, 4 + length);
  }

  static void writeEnd(SendStream out, byte[] hash) throws IOException {
    out.write(ByteBuffer.allocate(4 + hash.length).putInt(0).put(hash).flip());
  }

  static void writeFailure(SendStream out, String why) throws IOException {
    byte[] text = why.getBytes(StandardCharsets.UTF_8);
    text = Arrays.copyOf(text, Math.min(text.length, MAX_TEXT));
    out.write(
        ByteBuffer.allocate(6 + text.length)
            .putInt(NONE)
            .putShort((short) text.length)
            .put(text)
            .flip());
    out.finish();
  }

  /** The next chunk's length, 0 at the end of the file. */
  static int readChunkLength(RecvStream in) throws IOException {
    int length = readInt(in);
    if (length == NONE) {
      int n = ByteBuffer.wrap(readBytes(in, 2)).getShort() & 0xffff;
      byte[] text = readBytes(in, Math.min(n, MAX_TEXT));
      throw new FileTransferException("the sender cannot go on: " + FileNames.shown(text));
    }
    if (length < 0 || length > CHUNK) {
      throw new FileTransferException("the sender sent a chunk of " + length + " bytes");
    }
    return length;
  }
}
