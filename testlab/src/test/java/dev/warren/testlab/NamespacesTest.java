package dev.warren.testlab;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class NamespacesTest {
  private static final Optional<String> MISSING = Optional.of("no namespaces here");

  @Test
  void aTestIsSkippedWhereThereAreNone() {
    assertThrows(TestAbortedException.class, () -> Namespaces.need(MISSING, false));
  }

  @Test
  void aTestFailsWhereThereAreNoneAndTheyAreRequired() {
    assertThrows(AssertionFailedError.class, () -> Namespaces.need(MISSING, true));
  }

  @Test
  void aTestGoesOnWhereThereAreSome() {
    assertDoesNotThrow(() -> Namespaces.need(Optional.empty(), true));
  }
}
