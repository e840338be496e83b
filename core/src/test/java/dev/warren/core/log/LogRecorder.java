package dev.warren.core.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.event.Level;
import org.slf4j.helpers.MessageFormatter;

/**
 * What was logged between start and close, from every library that ends at slf4j. Warnings go to
 * the standard error output beside.
 */
public final class LogRecorder implements AutoCloseable {
  /** For whoever looks for the cause of a failure. */
  private static final boolean ALL = Boolean.getBoolean("dev.warren.test.debug");

  private static final List<LogRecorder> ACTIVE = new CopyOnWriteArrayList<>();

  private final List<Entry> entries = new CopyOnWriteArrayList<>();

  private record Entry(Level level, String text) {}

  private LogRecorder() {}

  public static LogRecorder start() {
    LogRecorder recorder = new LogRecorder();
    ACTIVE.add(recorder);
    return recorder;
  }

  static boolean wanted(Level level) {
    return level == Level.WARN || level == Level.ERROR || ALL || !ACTIVE.isEmpty();
  }

  static void record(
      Level level, String logger, String pattern, Object[] arguments, Throwable failure) {
    String message =
        MessageFormatter.basicArrayFormat(pattern, arguments == null ? new Object[0] : arguments);
    StringWriter text = new StringWriter();
    text.append(level + " " + logger + ": " + message);
    if (failure != null) {
      text.append('\n');
      failure.printStackTrace(new PrintWriter(text, true));
    }
    if (ALL || level.toInt() >= Level.WARN.toInt()) {
      System.err.println(text);
    }
    ACTIVE.forEach(r -> r.entries.add(new Entry(level, text.toString())));
  }

  /** The records of a higher level than that, each as {@code LEVEL logger: message} and a trace. */
  public List<String> above(Level level) {
    return entries.stream().filter(e -> e.level.toInt() > level.toInt()).map(Entry::text).toList();
  }

  /** Every record of a logger whose name starts so. */
  public List<String> of(String logger) {
    return entries.stream().map(Entry::text).filter(t -> t.contains(" " + logger)).toList();
  }

  @Override
  public void close() {
    ACTIVE.remove(this);
  }

  @Override
  public String toString() {
    return Arrays.toString(entries.toArray());
  }
}
