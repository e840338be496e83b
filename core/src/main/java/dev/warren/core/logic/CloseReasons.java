package dev.warren.core.logic;

import dev.warren.base.CloseReason;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Turns what Netty tells of a connection's end into a {@link CloseReason}. Stateless. */
public final class CloseReasons {
  /** First of the 256 codes that carry a TLS alert (RFC 9001 section 4.8). */
  public static final int CRYPTO_ERROR = 0x100;

  /** RFC 9000 section 20.1: the server refuses a new connection. */
  public static final int CONNECTION_REFUSED = 0x02;

  /** TLS alert no_application_protocol as a QUIC code. */
  public static final int NO_APPLICATION_PROTOCOL = CRYPTO_ERROR + 120;

  /** Longest reason text that is kept, characters; the peer chose it. */
  private static final int MAX_TEXT = 1024;

  private CloseReasons() {}

  public static CloseReason of(
      @Nullable QuicConnectionCloseEvent event, boolean timedOut, boolean endpointClosing) {
    if (event != null) {
      return event.isApplicationClose() || event.error() == 0
          ? new CloseReason.ByPeer(event.error() & 0xffffffffL, text(event))
          : new CloseReason.TransportError(event.error() & 0xffffffffL, text(event));
    }
    if (timedOut) {
      return new CloseReason.TimedOut();
    }
    return endpointClosing ? new CloseReason.EndpointClosed() : new CloseReason.Reset();
  }

  /** The peer's reason. {@code reason()} throws if there is none (netty-quic-notes section 3). */
  public static String text(QuicConnectionCloseEvent event) {
    byte[] reason;
    try {
      reason = event.reason();
    } catch (NullPointerException noReason) {
      return "";
    }
    String text = new String(reason, StandardCharsets.UTF_8);
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
  }

  /** True for a close by TLS: an alert number in a transport code. */
  public static boolean isCrypto(@Nullable QuicConnectionCloseEvent event) {
    return event != null
        && !event.isApplicationClose()
        && event.error() >= CRYPTO_ERROR
        && event.error() < CRYPTO_ERROR + 256;
  }
}
