package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.core.log.LogRecorder;
import dev.warren.testlab.Await;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** An endpoint that the application loses without closing it. */
class UnclosedEndpointTest {
  @AfterEach
  void noSites() {
    System.clearProperty(UnclosedEndpoints.SITES);
  }

  private static boolean free(InetSocketAddress address) {
    try (DatagramSocket again = new DatagramSocket(address)) {
      return true;
    } catch (SocketException inUse) {
      return false;
    }
  }

  private static void awaitWithGc(String what, BooleanSupplier condition) {
    Await.until(
        what,
        Pair.SOON,
        () -> {
          System.gc();
          return condition.getAsBoolean();
        });
  }

  private static InetSocketAddress bindAndForget() throws Exception {
    Endpoint lost = Pair.builder().bind();
    return lost.boundSockets().get(0);
  }

  @Test
  void isReportedWithItsCreationSiteAndItsSocketIsFreed() throws Exception {
    System.setProperty(UnclosedEndpoints.SITES, "true");
    try (LogRecorder log = LogRecorder.start()) {
      InetSocketAddress address = bindAndForget();
      awaitWithGc("the port is free again", () -> free(address));
      assertThat(log.above(Level.DEBUG))
          .anySatisfy(
              record ->
                  assertThat(record)
                      .contains("WARN")
                      .contains("garbage-collected without close()")
                      .contains("bindAndForget"));
    }
  }

  @Test
  void isNotReportedWhenItWasClosed() throws Exception {
    try (LogRecorder log = LogRecorder.start()) {
      InetSocketAddress closed = bindAndClose();
      InetSocketAddress lost = bindAndForget();
      awaitWithGc("both are free", () -> free(closed) && free(lost));
      assertThat(log.above(Level.INFO)).hasSize(1);
    }
  }

  private static InetSocketAddress bindAndClose() throws Exception {
    try (Endpoint endpoint = Pair.builder().bind()) {
      return endpoint.boundSockets().get(0);
    }
  }

  private static Connection dialFromNowhere(Endpoint server) throws Exception {
    Endpoint forgotten = Pair.builder().bind();
    return forgotten.connect(server.addr(), Pair.ALPN);
  }

  @Test
  void livesAsLongAsAConnectionOfItsIsOpen() throws Exception {
    try (Endpoint server = Pair.builder().bind();
        LogRecorder log = LogRecorder.start()) {
      Connection connection = dialFromNowhere(server);
      Connection accepted = server.accept().orElseThrow().accept();
      for (int i = 0; i < 10; i++) {
        System.gc();
        SendStream stream = connection.openUni();
        stream.write(new byte[10]);
        stream.finish();
        assertThat(accepted.acceptUni().readAll(10)).hasSize(10);
      }
      assertThat(log.above(Level.INFO)).isEmpty();
      connection.close();
      awaitWithGc(
          "reported once the connection has ended", () -> log.above(Level.INFO).size() == 1);
    }
  }

  private static CompletableFuture<Optional<Incoming>> acceptAndForget(InetSocketAddress[] at)
      throws Exception {
    Endpoint forgotten = Pair.builder().bind();
    at[0] = forgotten.boundSockets().get(0);
    return forgotten.acceptAsync();
  }

  @Test
  void livesAsLongAsSomebodyWaitsForAConnection() throws Exception {
    InetSocketAddress[] at = new InetSocketAddress[1];
    CompletableFuture<Optional<Incoming>> waiting = acceptAndForget(at);
    for (int i = 0; i < 10; i++) {
      System.gc();
      assertThat(free(at[0])).isFalse();
    }
    assertThat(waiting.cancel(true)).isTrue();
    awaitWithGc("the port is free again", () -> free(at[0]));
    assertThat(waiting).isCancelled();
  }

  @Test
  void aFutureOfItsEndsWhenItIsClosed() throws Exception {
    Endpoint endpoint = Pair.builder().bind();
    CompletableFuture<Optional<Incoming>> waiting = endpoint.acceptAsync();
    endpoint.close();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEmpty();
  }
}
