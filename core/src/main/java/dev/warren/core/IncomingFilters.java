package dev.warren.core;

/** Filters for common cases. Stateless. */
public final class IncomingFilters {
  private IncomingFilters() {}

  /**
   * Demands a Retry from everybody who bears no token yet: one round trip more for each connection,
   * but no handshake work and no large answer for a spoofed source. A wrong token is QUIC's to
   * judge.
   */
  public static IncomingFilter retryUnvalidated() {
    return packet ->
        packet.hasToken() ? IncomingFilter.Verdict.ACCEPT : IncomingFilter.Verdict.RETRY;
  }
}
