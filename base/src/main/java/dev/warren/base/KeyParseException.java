package dev.warren.base;

/**
 * Text or bytes that are not a key; one sentence says what is wrong and where. Never holds key
 * material.
 */
public final class KeyParseException extends Exception {
  private static final long serialVersionUID = 1;

  public KeyParseException(String message) {
    super(message);
  }
}
