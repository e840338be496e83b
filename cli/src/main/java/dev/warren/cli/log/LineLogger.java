package dev.warren.cli.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/** One logger. Any thread. */
final class LineLogger extends LegacyAbstractLogger implements LoggingEventAware {
  private static final long serialVersionUID = 1;

  LineLogger(String name) {
    this.name = name;
  }

  @Override
  public boolean isTraceEnabled() {
    return LogLines.isEnabled(name, Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return LogLines.isEnabled(name, Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return LogLines.isEnabled(name, Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return LogLines.isEnabled(name, Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return LogLines.isEnabled(name, Level.ERROR);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      Object @Nullable [] arguments,
      @Nullable Throwable failure) {
    LogLines.write(level, name, formatted(message, arguments), null, failure);
  }

  @Override
  public void log(LoggingEvent event) {
    LogLines.write(
        event.getLevel(),
        name,
        formatted(event.getMessage(), event.getArgumentArray()),
        event.getKeyValuePairs(),
        event.getThrowable());
  }

  private static String formatted(@Nullable String message, Object @Nullable [] arguments) {
    return String.valueOf(MessageFormatter.basicArrayFormat(message, arguments));
  }
}
