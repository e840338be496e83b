package dev.warren.relay.server.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** One connection asks once. */
class HttpFrontTest {
  @Test
  void whatFollowsAnAnsweredRequestIsNotRead() throws Exception {
    try (EmbeddedRelay relay = new EmbeddedRelay()) {
      EmbeddedChannel channel = relay.connect();
      String requests = "\r\n\r\n".repeat(4000) + EmbeddedRelay.REQUEST;
      Bounded.run(
          1 << 20,
          () -> EmbeddedRelay.write(channel, requests.getBytes(StandardCharsets.US_ASCII)));
      String answer = new String(EmbeddedRelay.read(channel), StandardCharsets.US_ASCII);
      assertThat(answer).containsOnlyOnce("HTTP/1.1").startsWith("HTTP/1.1 400");
      assertThat(channel.isOpen()).isFalse();
      assertThat(relay.counters.accepts.sum()).isZero();
      assertThat(channel.pipeline().get(RelayClientConnection.class)).isNull();
    }
  }
}
