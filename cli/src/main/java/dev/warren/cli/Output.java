package dev.warren.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a command says: JSON events, one a line, with {@code --json}; sentences otherwise. Logs go
 * to standard error and never come here. Any thread.
 */
final class Output {
  private static final JsonFactory JSON = new JsonFactory();

  private final boolean json;
  private final PrintStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private Runnable beforeLine = () -> {};

  Output(boolean json, PrintStream out) {
    this.json = json;
    // JSON is UTF-8 whatever the locale (RFC 8259 section 8.1).
    this.out = json ? new PrintStream(out, false, StandardCharsets.UTF_8) : out;
  }

  /** Makes room for sentences: runs before each of them. One at a time. */
  void beforeLine(Runnable makesRoom) {
    lock.lock();
    try {
      beforeLine = makesRoom;
    } finally {
      lock.unlock();
    }
  }

  boolean json() {
    return json;
  }

  /**
   * What may be printed of a text that holds words of a peer: one line without anything that acts
   * on a terminal, namely control characters (C1 too) and those that turn the direction of text.
   */
  static String shown(@Nullable Object text) {
    return String.valueOf(text).replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", "?");
  }

  /**
   * One event; {@code human} is what a person gets instead, as one line by {@link #shown}, or null
   * for nothing.
   */
  void event(String name, @Nullable String human, Object... keysAndValues) {
    eventInLines(name, human == null ? List.of() : List.of(human), keysAndValues);
  }

  /** As {@link #event} with any number of lines for a person. */
  void eventInLines(String name, List<String> human, Object... keysAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("event", name);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      fields.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    lock.lock();
    try {
      if (json) {
        out.println(toJson(fields));
        out.flush();
      } else if (!human.isEmpty()) {
        beforeLine.run();
        human.forEach(line -> out.println(shown(line)));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Fields as {@link #event} takes them. */
  static Object[] flat(Map<String, Object> fields) {
    return fields.entrySet().stream().flatMap(e -> Stream.of(e.getKey(), e.getValue())).toArray();
  }

  private static String toJson(Map<String, Object> fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      write(generator, fields);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> e : map.entrySet()) {
        generator.writeFieldName(String.valueOf(e.getKey()));
        write(generator, e.getValue());
      }
      generator.writeEndObject();
    } else if (value instanceof List<?> list) {
      generator.writeStartArray();
      for (Object o : list) {
        write(generator, o);
      }
      generator.writeEndArray();
    } else if (value instanceof Double d) {
      generator.writeNumber(Math.round(d * 1000) / 1000.0);
    } else if (value instanceof Number n) {
      generator.writeNumber(n.longValue());
    } else if (value == null) {
      generator.writeNull();
    } else {
      generator.writeString(String.valueOf(value));
    }
  }
}
