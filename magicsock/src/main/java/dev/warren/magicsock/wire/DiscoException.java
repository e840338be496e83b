package dev.warren.magicsock.wire;

/**
 * A disco packet that cannot be opened or parsed: dropped and counted, never logged above DEBUG.
 */
public final class DiscoException extends Exception {
  private static final long serialVersionUID = 1;

  /** What was wrong, for the counter. */
  public enum Fault {
    /** Not sealed for us by the sender it names. */
    BAD_KEY,
    /** Sealed well, but no message. */
    BAD_PARSE
  }

  private final Fault fault;

  public DiscoException(Fault fault, String message) {
    super(message, null, false, false);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }
}
