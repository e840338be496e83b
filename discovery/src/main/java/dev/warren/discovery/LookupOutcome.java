package dev.warren.discovery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What one service has contributed to a lookup so far.
 *
 * @param service its name
 * @param addresses different addresses that it found
 * @param took until its end, or until now
 * @param cause why it failed
 */
public record LookupOutcome(
    String service, State state, int addresses, Duration took, Optional<Throwable> cause) {

  /** Characters of a cause's message that are shown: a server may have had its say in it. */
  private static final int MAX_WORDS = 300;

  /** How far a service is. */
  public enum State {
    /** It has not ended; more may come. */
    LOOKING,
    /** It has ended and had no trouble, whether it found anything or not. */
    DONE,
    /** It has ended with an error. */
    FAILED,
    /** It did not end in time and is not listened to any more. */
    OVERDUE
  }

  /** All of them in one line. */
  static String list(List<LookupOutcome> outcomes) {
    return outcomes.stream().map(LookupOutcome::toString).collect(Collectors.joining("; "));
  }

  /** For people: "dns: found 2 addresses in 12 ms". */
  @Override
  public String toString() {
    String found =
        addresses == 0 ? "" : "found " + addresses + (addresses == 1 ? " address" : " addresses");
    String time = took.toMillis() + " ms";
    return service
        + ": "
        + switch (state) {
          case LOOKING ->
              (found.isEmpty() ? "nothing yet after " : found + ", goes on after ") + time;
          case DONE -> (found.isEmpty() ? "knows nothing of it" : found) + " in " + time;
          case FAILED ->
              (found.isEmpty() ? "" : found + ", then ") + words(cause) + " after " + time;
          case OVERDUE -> (found.isEmpty() ? "" : found + ", then ") + "no answer within " + time;
        };
  }

  private static String words(Optional<Throwable> cause) {
    String message = cause.map(Throwable::getMessage).orElse(null);
    return message != null && !message.isBlank()
        ? message.length() > MAX_WORDS ? message.substring(0, MAX_WORDS) + "…" : message
        : cause.map(c -> c.getClass().getSimpleName()).orElse("failed");
  }
}
