package dev.warren.core.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.CloseReason;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What Netty tells of the end of a connection, in our words. */
class CloseReasonsTest {
  private static QuicConnectionCloseEvent event(boolean application, int error, String reason)
      throws Exception {
    Constructor<QuicConnectionCloseEvent> constructor =
        QuicConnectionCloseEvent.class.getDeclaredConstructor(
            boolean.class, int.class, byte[].class);
    constructor.setAccessible(true);
    return constructor.newInstance(
        application, error, reason == null ? null : reason.getBytes(StandardCharsets.UTF_8));
  }

  /** The event's own {@code reason()} throws then. */
  @Test
  void aCloseWithoutAReasonHasAnEmptyText() throws Exception {
    assertThat(CloseReasons.of(event(true, 7, null), false, false))
        .isEqualTo(new CloseReason.ByPeer(7, ""));
    assertThat(CloseReasons.of(event(false, 1, null), false, false))
        .isEqualTo(new CloseReason.TransportError(1, ""));
  }

  @Test
  void aPeersTextIsBounded() throws Exception {
    assertThat(CloseReasons.text(event(true, 7, "x".repeat(10_000)))).hasSize(1024);
  }

  @Test
  void aCodeOfMoreThan31BitsIsNotNegative() throws Exception {
    assertThat(CloseReasons.of(event(true, -1, ""), false, false).code()).isEqualTo(0xffffffffL);
  }

  @Test
  void withoutAnEventItIsSilenceOrOurOwnEnd() {
    assertThat(CloseReasons.of(null, true, false)).isEqualTo(new CloseReason.TimedOut());
    assertThat(CloseReasons.of(null, false, true)).isEqualTo(new CloseReason.EndpointClosed());
    assertThat(CloseReasons.of(null, false, false)).isEqualTo(new CloseReason.Reset());
  }
}
