package dev.warren.cli.files;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is offered: a name, and every file and folder below it with its size and time. All of it
 * comes from the peer, so decoding checks every limit and every name.
 *
 * @param name of the file or folder itself, one component
 * @param entries parents before children; a single file is one entry with an empty path
 */
record Manifest(byte[] name, List<Entry> entries) {
  /** Encoded size that a receiver accepts: about 600,000 files with names of 80 bytes. */
  static final int MAX_BYTES = 64 << 20;

  private static final int MAX_DEPTH = 256;

  /**
   * Names in all paths together: seven for each of 600,000 files. A name of one byte takes 30 here,
   * so that without this limit a list of 64 MiB would take 600 (measured).
   */
  static final int MAX_COMPONENTS = 4 << 20;

  /** 2: times in nanoseconds; in seconds, a file written twice in one looked unchanged. */
  private static final int VERSION = 2;

  /**
   * One file or folder.
   *
   * @param path components below the root
   * @param mtime nanoseconds since 1970
   */
  record Entry(boolean folder, boolean executable, long mtime, long size, List<byte[]> path) {
    private String key() {
      StringBuilder key = new StringBuilder();
      path.forEach(p -> key.append('/').append(new String(p, StandardCharsets.ISO_8859_1)));
      return key.toString();
    }

    String shown(Manifest manifest) {
      StringBuilder text = new StringBuilder(FileNames.shown(manifest.name()));
      path.forEach(p -> text.append('/').append(FileNames.shown(p)));
      return text.toString();
    }
  }

  long bytes() {
    return entries.stream().mapToLong(Entry::size).sum();
  }

  long files() {
    return entries.stream().filter(e -> !e.folder()).count();
  }

  boolean single() {
    return entries.size() == 1 && entries.get(0).path().isEmpty() && !entries.get(0).folder();
  }

  /** Whether a receiver takes it. */
  boolean fits() throws IOException {
    long components = entries.stream().mapToLong(e -> e.path().size()).sum();
    return components <= MAX_COMPONENTS && encode().length <= MAX_BYTES;
  }

  byte[] encode() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(VERSION);
    writeName(out, name);
    out.writeInt(entries.size());
    for (Entry e : entries) {
      out.writeByte((e.folder() ? 1 : 0) | (e.executable() ? 2 : 0));
      out.writeLong(e.mtime());
      out.writeLong(e.size());
      out.writeShort(e.path().size());
      for (byte[] component : e.path()) {
        writeName(out, component);
      }
    }
    return bytes.toByteArray();
  }

  private static void writeName(DataOutputStream out, byte[] name) throws IOException {
    out.writeShort(name.length);
    out.write(name);
  }

  /**
   * @throws FileTransferException naming what is wrong with it
   */
  static Manifest decode(byte[] bytes) throws FileTransferException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new FileTransferException("the sender speaks version " + version + " of transfer");
      }
      byte[] name = readName(in);
      int count = in.readInt();
      // The smallest entry takes 19 bytes: a count that cannot be true allocates nothing.
      if (count < 1 || count > in.available() / 19) {
        throw new FileTransferException("the list of files claims " + count + " entries");
      }
      List<Entry> entries = new ArrayList<>(count);
      int components = 0;
      for (int i = 0; i < count; i++) {
        Entry entry = readEntry(in);
        components += entry.path().size();
        if (components > MAX_COMPONENTS) {
          throw new FileTransferException("the list of files has too many folders within folders");
        }
        entries.add(entry);
      }
      if (in.available() > 0) {
        throw new FileTransferException("the list of files has trailing bytes");
      }
      Manifest manifest = new Manifest(name, List.copyOf(entries));
      manifest.checkTree();
      return manifest;
    } catch (EOFException e) {
      throw new FileTransferException("the list of files ends too early");
    } catch (IOException e) {
      throw e instanceof FileTransferException f ? f : new FileTransferException(e.getMessage());
    }
  }

  private static Entry readEntry(DataInputStream in) throws IOException {
    int flags = in.readUnsignedByte();
    long mtime = in.readLong();
    long size = in.readLong();
    int depth = in.readUnsignedShort();
    boolean folder = (flags & 1) != 0;
    if (flags > 3 || size < 0 || size > 1L << 50 || folder && size != 0 || depth > MAX_DEPTH) {
      throw new FileTransferException("an entry of the list of files is malformed");
    }
    List<byte[]> path = new ArrayList<>(depth);
    for (int i = 0; i < depth; i++) {
      path.add(readName(in));
    }
    return new Entry(folder, (flags & 2) != 0, mtime, size, List.copyOf(path));
  }

  private static byte[] readName(DataInputStream in) throws IOException {
    byte[] name = in.readNBytes(in.readUnsignedShort());
    String fault = FileNames.fault(name);
    if (fault != null) {
      byte[] start = Arrays.copyOf(name, Math.min(name.length, FileNames.MAX_BYTES));
      throw new FileTransferException(
          "refused: the name \"" + FileNames.shown(start) + "\" from the sender " + fault);
    }
    return name;
  }

  /** Every entry once, and only below folders that came before it. */
  private void checkTree() throws FileTransferException {
    Map<String, Boolean> folders = new HashMap<>();
    long total = 0;
    for (Entry e : entries) {
      String key = e.key();
      boolean rooted =
          key.isEmpty() || Boolean.TRUE.equals(folders.get(key.substring(0, key.lastIndexOf('/'))));
      total += e.size();
      if (!rooted || total < 0 || folders.putIfAbsent(key, e.folder()) != null) {
        throw new FileTransferException("the list of files is not a tree");
      }
    }
    if (!folders.containsKey("")) {
      throw new FileTransferException("the list of files has no root");
    }
  }
}
