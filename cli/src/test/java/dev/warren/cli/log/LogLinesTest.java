package dev.warren.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;

/** One event is one line. */
class LogLinesTest {
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.006Z");

  @Test
  void theProviderIsFoundAndWritesWarningsOnly() {
    org.slf4j.Logger logger = LoggerFactory.getLogger("dev.warren.some");
    assertThat(logger).isInstanceOf(LineLogger.class);
    assertThat(logger.isWarnEnabled()).isTrue();
    assertThat(logger.isInfoEnabled()).isFalse();
  }

  @Test
  void aJsonLineHasItsPairsAsFields() {
    String line =
        LogLines.json(
            TIME,
            Level.INFO,
            "a.b",
            "client \"x\"\nhas left",
            List.of(new KeyValuePair("node", "abc"), new KeyValuePair("connection", 7L)),
            new IOException("reset"));
    assertThat(line)
        .isEqualTo(
            "{\"time\":\"2026-01-02T03:04:05.006Z\",\"level\":\"INFO\",\"logger\":\"a.b\","
                + "\"message\":\"client \\\"x\\\"\\nhas left\",\"node\":\"abc\",\"connection\":7,"
                + "\"failure\":\"java.io.IOException: reset\"}");
  }

  @Test
  void aTextLineStaysOneLineWhateverAPeerSays() {
    String line =
        LogLines.text(
            TIME,
            Level.WARN,
            "a.b",
            "refused: \u001b[2J\nINFO forged",
            List.of(new KeyValuePair("node", "x\u202ey")),
            null);
    assertThat(line)
        .isEqualTo("2026-01-02T03:04:05.006Z WARN refused: ?[2J?INFO forged node=x?y (b)");
  }
}
