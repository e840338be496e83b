package dev.warren.base.wire;

/** Bytes that are not the postcard value that was expected; the message says where. */
public final class PostcardException extends Exception {
  private static final long serialVersionUID = 1;

  public PostcardException(String message) {
    super(message);
  }
}
