package dev.warren.testlab;

import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Whether a test that needs Linux namespaces may be skipped: on a machine of one's own yes, but not
 * where the environment says {@code WARREN_REQUIRE_NAMESPACES=1}, as continuous integration does,
 * so that a run without them cannot look like one with them.
 */
public final class Namespaces {
  private static final String REQUIRED = "WARREN_REQUIRE_NAMESPACES";

  private Namespaces() {}

  /**
   * Goes on if nothing is missing; else skips the test, or fails it where namespaces are required.
   *
   * @param missing why there are none, as {@link Netns#unavailable()} says it; empty if there are
   */
  public static void need(Optional<String> missing) {
    need(missing, "1".equals(System.getenv(REQUIRED)));
  }

  static void need(Optional<String> missing, boolean required) {
    if (missing.isEmpty()) {
      return;
    }
    if (required) {
      Assertions.fail(missing.get() + " (" + REQUIRED + "=1 forbids skipping)");
    }
    Assumptions.abort(missing.get());
  }
}
