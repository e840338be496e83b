package dev.warren.relay.server.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.relay.server.access.AccessRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardedAccessTest {
  /** The tests' logger writes to System.err. */
  @Test
  void whatThrowsDeniesAndIsToldOnceASecond() {
    GuardedAccess access =
        new GuardedAccess(
            request -> {
              throw new IllegalStateException("no database");
            });
    AccessRequest request =
        AccessRequest.of(
            1,
            SecretKey.generate().nodeId(),
            "iroh-relay-v2",
            "/relay",
            Map.of(),
            new InetSocketAddress("127.0.0.1", 1));
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      for (int i = 0; i < 1000; i++) {
        assertThat(access.onConnect(request).toCompletableFuture()).isCompletedExceptionally();
      }
    } finally {
      System.setErr(before);
    }
    // Some seconds on a very slow machine, and no stack.
    assertThat(log.toString(StandardCharsets.UTF_8).lines()).hasSizeLessThan(20);
  }
}
