package dev.warren.base;

import dev.warren.base.wire.Hex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import javax.security.auth.Destroyable;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * The secret of a node: a 32-byte Ed25519 seed (RFC 8032). {@link #toString()} never shows it. Any
 * thread; after {@link #destroy()} every use is an {@link IllegalStateException}.
 */
public final class SecretKey implements Destroyable {
  /** Bytes of a seed. */
  public static final int LENGTH = 32;

  /** A key file is 64 digits and a line end; anything much longer is not one. */
  private static final int MAX_FILE = 256;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] seed;
  private final NodeId nodeId;
  private volatile boolean destroyed;

  private SecretKey(byte[] seed) {
    this.seed = seed;
    byte[] id = new byte[NodeId.LENGTH];
    Ed25519.generatePublicKey(seed, 0, id, 0);
    try {
      this.nodeId = NodeId.ofBytes(id);
    } catch (KeyParseException e) {
      throw new AssertionError(e);
    }
  }

  /** A new random key. */
  public static SecretKey generate() {
    byte[] seed = new byte[LENGTH];
    RANDOM.nextBytes(seed);
    return new SecretKey(seed);
  }

  /** From the 32 bytes of a seed; they are copied. */
  public static SecretKey ofBytes(byte[] seed) {
    if (seed.length != LENGTH) {
      throw new IllegalArgumentException("a secret key has 32 bytes, not " + seed.length);
    }
    return new SecretKey(seed.clone());
  }

  /**
   * From 64 digits of lower-case hex or 52 characters of base32. The message never shows the text.
   */
  public static SecretKey parse(String text) throws KeyParseException {
    return new SecretKey(KeyText.parse("the secret key", text));
  }

  /**
   * Reads the key in {@code file}, or makes a new one there: created with mode 0600, complete or
   * not at all, never over an existing file; of two processes that race, both end with the same
   * key.
   *
   * @throws IOException in one sentence: malformed (nothing is written then), readable by others,
   *     unreadable
   */
  public static SecretKey loadOrCreate(Path file) throws IOException {
    try {
      return loadOrWrite(file);
    } catch (FileSystemException e) {
      // The message of such an exception is a bare path.
      throw new IOException(
          "the secret key file " + file + " cannot be read or made: " + reason(e), e);
    }
  }

  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "its folder does not exist";
    }
    return e instanceof AccessDeniedException
        ? "permission denied"
        : Objects.requireNonNullElse(e.getReason(), e.getClass().getSimpleName());
  }

  private static SecretKey loadOrWrite(Path file) throws IOException {
    try {
      return load(file);
    } catch (NoSuchFileException absent) {
      SecretKey fresh = generate();
      try {
        write(fresh, file);
        return fresh;
      } catch (FileAlreadyExistsException raced) {
        return load(file);
      }
    }
  }

  private static SecretKey load(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("the secret key file " + file + " is a directory");
    }
    // A pipe would block, a device never end.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("the secret key file " + file + " is not a regular file");
    }
    checkPrivate(file);
    if (Files.size(file) > MAX_FILE) {
      throw new IOException(
          "the secret key file " + file + " has " + Files.size(file) + " bytes: not a key");
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    try {
      return parse(text);
    } catch (KeyParseException e) {
      throw new IOException("the secret key file " + file + " is wrong: " + e.getMessage());
    }
  }

  private static void checkPrivate(Path file) throws IOException {
    Set<PosixFilePermission> mode;
    try {
      mode = Files.getPosixFilePermissions(file);
    } catch (UnsupportedOperationException notPosix) {
      return;
    }
    for (PosixFilePermission p : mode) {
      if (p.name().startsWith("GROUP") || p.name().startsWith("OTHERS")) {
        throw new IOException(
            "the secret key file "
                + file
                + " can be read by others ("
                + PosixFilePermissions.toString(mode)
                + "): chmod 600 it, and make a new key if others may have seen it");
      }
    }
  }

  private static void write(SecretKey key, Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    byte[] text = (Hex.encode(key.seed) + "\n").getBytes(StandardCharsets.US_ASCII);
    Path temporary =
        directory.resolve("." + file.getFileName() + "." + Long.toHexString(RANDOM.nextLong()));
    try {
      createPrivate(temporary, text);
      // A hard link appears complete or not at all, and unlike a move never replaces a file.
      try {
        Files.createLink(file, temporary);
      } catch (UnsupportedOperationException noLinks) {
        Files.move(temporary, file);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void createPrivate(Path file, byte[] text) throws IOException {
    FileAttribute<?>[] mode =
        file.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (var channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      for (ByteBuffer left = ByteBuffer.wrap(text); left.hasRemaining(); ) {
        channel.write(left);
      }
      // Before it has its name: after a power failure there must be no empty key file.
      channel.force(true);
    }
  }

  /** The public side. */
  public NodeId nodeId() {
    return nodeId;
  }

  /** An Ed25519 signature, 64 bytes. */
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
    Ed25519.sign(seed(), 0, message, 0, message.length, signature, 0);
    return signature;
  }

  /** The clamped X25519 scalar of the same key (disco section 2.1). */
  public byte[] toX25519() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-512").digest(seed());
      byte[] scalar = Arrays.copyOf(hash, 32);
      scalar[0] &= (byte) 248;
      scalar[31] &= 127;
      scalar[31] |= 64;
      return scalar;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** A copy of the seed. */
  public byte[] toBytes() {
    return seed().clone();
  }

  private byte[] seed() {
    if (destroyed) {
      throw new IllegalStateException("this secret key was destroyed");
    }
    return seed;
  }

  @Override
  public void destroy() {
    destroyed = true;
    Arrays.fill(seed, (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof SecretKey other && MessageDigest.isEqual(seed(), other.seed());
  }

  @Override
  public int hashCode() {
    return nodeId.hashCode();
  }

  /** Names the public side only. */
  @Override
  public String toString() {
    return "SecretKey(of " + nodeId.toShortString() + ")";
  }
}
