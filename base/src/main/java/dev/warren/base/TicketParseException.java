package dev.warren.base;

/** Text that is not a ticket; one sentence says what is wrong. */
public final class TicketParseException extends Exception {
  private static final long serialVersionUID = 1;

  public TicketParseException(String message) {
    super(message);
  }
}
