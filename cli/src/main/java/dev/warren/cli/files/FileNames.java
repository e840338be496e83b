package dev.warren.cli.files;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names of files as the bytes that the file system holds, whatever the locale: a Java string cannot
 * carry every name that Linux allows, but a {@code file:} URI does, byte for byte.
 */
final class FileNames {
  /** NAME_MAX of the file systems in use. */
  static final int MAX_BYTES = 255;

  private static final boolean WINDOWS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
  private static final Set<String> DEVICES = Set.of("con", "prn", "aux", "nul");
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

  private FileNames() {}

  /** The last component of a path. */
  static byte[] nameOf(Path path) {
    String raw = path.toAbsolutePath().toUri().getRawPath();
    int end = raw.endsWith("/") ? raw.length() - 1 : raw.length();
    return percentDecode(raw.substring(raw.lastIndexOf('/', end - 1) + 1, end));
  }

  /** The path of {@code name} in {@code directory}; the name must have been checked. */
  static Path resolve(Path directory, byte[] name) {
    String base = directory.toAbsolutePath().toUri().toString();
    return Path.of(URI.create((base.endsWith("/") ? base : base + "/") + percentEncode(name)));
  }

  /** What is wrong with a name from a peer as a single component here; null if nothing. */
  static @Nullable String fault(byte[] name) {
    if (name.length == 0 || name.length > MAX_BYTES) {
      return "has " + name.length + " bytes, allowed are 1 to " + MAX_BYTES;
    }
    String text = new String(name, StandardCharsets.ISO_8859_1);
    if (text.equals(".") || text.equals("..")) {
      return "means another folder";
    }
    if (text.indexOf('/') >= 0 || text.indexOf('\0') >= 0) {
      return "contains a separator";
    }
    return WINDOWS ? windowsFault(text.toLowerCase(Locale.ROOT)) : null;
  }

  private static @Nullable String windowsFault(String text) {
    boolean illegal = text.chars().anyMatch(c -> c < 32 || "\\:*?\"<>|".indexOf(c) >= 0);
    if (illegal || text.endsWith(".") || text.endsWith(" ")) {
      return "has characters that Windows does not allow";
    }
    String stem = text.contains(".") ? text.substring(0, text.indexOf('.')) : text;
    return DEVICES.contains(stem) || stem.matches("(com|lpt)\\d") ? "is a device on Windows" : null;
  }

  /**
   * For people: control characters, C1 too, and those that turn the direction of text must not
   * reach their terminal.
   */
  static String shown(byte[] name) {
    return new String(name, StandardCharsets.UTF_8)
        .replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }

  private static byte[] percentDecode(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[utf8.length];
    int n = 0;
    for (int i = 0; i < utf8.length; i++) {
      if (utf8[i] == '%') {
        out[n++] =
            (byte) Integer.parseInt(new String(utf8, i + 1, 2, StandardCharsets.US_ASCII), 16);
        i += 2;
      } else {
        out[n++] = utf8[i];
      }
    }
    return java.util.Arrays.copyOf(out, n);
  }

  private static String percentEncode(byte[] name) {
    StringBuilder text = new StringBuilder(name.length);
    for (byte b : name) {
      char c = (char) (b & 0xff);
      if (UNRESERVED.indexOf(c) >= 0) {
        text.append(c);
      } else {
        text.append(String.format("%%%02X", (int) c));
      }
    }
    return text.toString();
  }
}
