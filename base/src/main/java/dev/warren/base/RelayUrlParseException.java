package dev.warren.base;

/** Text that is not a relay URL; one sentence says why. */
public final class RelayUrlParseException extends Exception {
  private static final long serialVersionUID = 1;

  public RelayUrlParseException(String message) {
    super(message);
  }
}
