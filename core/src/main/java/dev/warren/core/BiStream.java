package dev.warren.core;

/**
 * Both directions of a bidirectional stream. Each ends by itself; {@link #close()} closes both.
 *
 * @param send what we write
 * @param recv what the peer writes
 */
public record BiStream(SendStream send, RecvStream recv) implements AutoCloseable {
  /** Closes both directions: unfinished sending is reset, unread receiving is stopped. */
  @Override
  public void close() {
    send.close();
    recv.close();
  }
}
