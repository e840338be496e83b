package dev.warren.dns.server.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The storage could not do what was asked; the message says why and what can be done. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** Too much is queued: try again later. */
    OVERLOADED,
    /** The disk is full or failing, or the database is away; it is tried again without end. */
    UNAVAILABLE,
    /** What is stored is damaged, or not of this program. */
    DAMAGED,
    /** Another process uses it. */
    IN_USE,
    /** The store is closed. */
    CLOSED
  }

  private final Reason reason;

  public StoreException(Reason reason, String message) {
    this(reason, message, null);
  }

  public StoreException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
