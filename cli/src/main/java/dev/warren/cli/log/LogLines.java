package dev.warren.cli.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;

/** How log lines look, and which are written. Any thread. */
public final class LogLines {
  private static final JsonFactory JSON = new JsonFactory();

  /** Where every server has its certificates from. */
  private static final String SERVING = "dev.warren.serving";

  private static volatile boolean json;
  private static volatile String talkative = "";

  private LogLines() {}

  /**
   * From now on a server runs: its loggers write what they say at INFO too; all others go on with
   * WARN.
   *
   * @param prefix of the names of its loggers
   * @param asJson one JSON object a line instead of text
   */
  public static void ofServer(String prefix, boolean asJson) {
    talkative = prefix;
    json = asJson;
  }

  static boolean isEnabled(String logger, Level level) {
    boolean talks =
        !talkative.isEmpty() && (logger.startsWith(talkative) || logger.startsWith(SERVING));
    return level.toInt() >= (talks ? Level.INFO : Level.WARN).toInt();
  }

  static void write(
      Level level,
      String logger,
      String message,
      @Nullable List<KeyValuePair> pairs,
      @Nullable Throwable failure) {
    List<KeyValuePair> all = pairs == null ? List.of() : pairs;
    Instant time = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    System.err.println(
        json
            ? json(time, level, logger, message, all, failure)
            : text(time, level, logger, message, all, failure));
  }

  static String text(
      Instant time,
      Level level,
      String logger,
      String message,
      List<KeyValuePair> pairs,
      @Nullable Throwable failure) {
    StringBuilder line = new StringBuilder();
    line.append(time).append(' ').append(level).append(' ').append(message);
    pairs.forEach(p -> line.append(' ').append(p.key).append('=').append(p.value));
    line.append(" (").append(logger.substring(logger.lastIndexOf('.') + 1)).append(')');
    if (failure != null) {
      line.append(": ").append(failure);
    }
    // One event is one line, whatever a peer put into it.
    return line.toString().replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", "?");
  }

  static String json(
      Instant time,
      Level level,
      String logger,
      String message,
      List<KeyValuePair> pairs,
      @Nullable Throwable failure) {
    StringWriter line = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(line)) {
      generator.writeStartObject();
      generator.writeStringField("time", time.toString());
      generator.writeStringField("level", level.toString());
      generator.writeStringField("logger", logger);
      generator.writeStringField("message", message);
      for (KeyValuePair pair : pairs) {
        if (pair.value instanceof Number number) {
          generator.writeNumberField(pair.key, number.longValue());
        } else {
          generator.writeStringField(pair.key, String.valueOf(pair.value));
        }
      }
      if (failure != null) {
        generator.writeStringField("failure", failure.toString());
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return line.toString();
  }
}
