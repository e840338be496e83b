package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.PeerException;
import dev.warren.base.SocketAddrs;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A close is heard although the congestion window is full of data (docs/quic-codec.md). */
class CloseWhileBusyTest {
  private static final Alpn BULK = Alpn.of("bulk/1");
  private static final int TRIES = 10;

  private Endpoint server;
  private Endpoint client;

  @BeforeEach
  void bind() throws Exception {
    server = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
    client = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  /** Bytes before the close: one window exactly, around it, and far more than it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 1_200, 14_000, 14_520, 16_000, 40_000, 1_000_000, 5_000_000})
  void aWriterThatClosesIsHeard(int bytes) throws Exception {
    Router router = Router.builder(server).accept(BULK, c -> writeAndClose(c, bytes)).spawn();
    for (int i = 0; i < TRIES; i++) {
      try (Connection c = client.connect(server.addr(), BULK)) {
        RecvStream stream = c.acceptUni();
        try {
          byte[] chunk = new byte[1000];
          while (stream.read(chunk) >= 0) {
            // What arrives does not matter.
          }
        } catch (PeerException ended) {
          // By reset or by the close.
        }
        CloseReason reason = c.closed().get(5, TimeUnit.SECONDS);
        assertThat(reason.by()).isEqualTo("peer");
        assertThat(reason.code()).isEqualTo(7);
      } catch (PeerException closedBeforeTheStreamWasSeen) {
        assertThat(closedBeforeTheStreamWasSeen).hasMessageContaining("7");
      }
    }
    router.close();
  }

  private static void writeAndClose(Connection connection, int bytes) throws Exception {
    SendStream stream = connection.openUni();
    for (int left = bytes; left > 0; left -= 4096) {
      stream.writeAsync(ByteBuffer.allocate(Math.min(left, 4096)));
    }
    connection.close(7, "enough");
  }
}
