package dev.warren.discovery;

/**
 * Takes what a lookup finds. Any thread may call it, at any time, also before {@link
 * Discovery#resolve} has returned; what comes after the end is ignored. Calls return soon and throw
 * nothing.
 */
public interface ResolveSink {
  /** An address, or several; may be called again with more or with newer ones. */
  void found(DiscoveryItem item);

  /** That was all; a lookup that found nothing and had no trouble ends so too. */
  void done();

  /** The lookup did not work. The message says what was asked and what went wrong. */
  void failed(Throwable cause);
}
