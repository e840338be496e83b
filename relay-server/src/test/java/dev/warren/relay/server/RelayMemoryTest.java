package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import io.netty.util.internal.PlatformDependent;
import org.junit.jupiter.api.Test;

/** What a relay leaves behind in the process that embeds it. */
class RelayMemoryTest {
  /** A relay's least: a chunk for each of its loops, of which this machine may have several. */
  private static final long CHUNK = 16 << 20;

  private static void useOne() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
        RawPeer client = RawPeer.connect(relay.boundAddress())) {
      assertThat(client.authenticate(SecretKey.generate()).lives()).isTrue();
    }
  }

  /** Not when the garbage collector gets to it: until then there may be no room for the next. */
  @Test
  void aClosedRelayLeavesItsMemoryToTheNext() throws Exception {
    useOne();
    long before = PlatformDependent.usedDirectMemory();
    for (int i = 0; i < 20; i++) {
      useOne();
    }
    // The collector may have taken the first one's, and the finalizer not have come to it yet.
    int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    assertThat(PlatformDependent.usedDirectMemory()).isLessThan(before + 2 * loops * CHUNK);
  }
}
