package dev.warren.cli;

import sun.misc.Signal;

/**
 * Signals beyond those that end the JVM in its own way. {@code sun.misc.Signal} is what the JDK has
 * for them; where a platform lacks a signal, nothing happens. Stateless.
 */
final class Signals {
  private Signals() {}

  /** Runs a task at each SIGHUP, on a thread of its own. */
  static void onHangUp(Runnable task) {
    handle("HUP", task);
  }

  /**
   * A shutdown has begun and may take a while: whoever asks again does not want to wait. The JVM
   * itself ignores signals from here on.
   */
  static void endAtOnceOnTheNext() {
    handle("TERM", () -> Runtime.getRuntime().halt(1));
    handle("INT", () -> Runtime.getRuntime().halt(1));
  }

  private static void handle(String signal, Runnable task) {
    try {
      Signal.handle(new Signal(signal), received -> task.run());
    } catch (IllegalArgumentException unknownHere) {
      // Windows has no SIGHUP, and -Xrs keeps the others.
    }
  }
}
