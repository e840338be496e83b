package dev.warren.serving.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The text of a configuration file. Stateless. */
public final class ConfigText {
  /** A configuration is a page of text. */
  private static final long LONGEST = 4 << 20;

  /** Some editors begin a file with it; TOML 1.0 does not say so, TOML 1.1 ignores it. */
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private ConfigText() {}

  /**
   * Reads a file.
   *
   * @throws ConfigException if it is missing, unreadable, longer than 4 MiB or no text
   */
  public static String read(Path file) throws ConfigException {
    try {
      if (Files.isDirectory(file)) {
        throw new ConfigException(file.toString(), "is a folder, not a configuration file");
      }
      if (Files.size(file) > LONGEST) {
        throw new ConfigException(file.toString(), "is larger than " + LONGEST + " bytes");
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(file.toString(), "there is no such file");
    } catch (MalformedInputException e) {
      throw new ConfigException(file.toString(), "is not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(file.toString(), "cannot be read: " + e.getMessage());
    }
  }

  /**
   * A text without its byte order mark.
   *
   * @param name of the text in messages
   * @throws ConfigException if it is longer than 4 MiB
   */
  public static String checked(String name, String text) throws ConfigException {
    if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw new ConfigException(name, "is larger than " + LONGEST + " bytes");
    }
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }
}
