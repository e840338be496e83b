package dev.warren.relay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.RelayUrl;
import dev.warren.testlab.Await;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes of a server whose answer the test writes. */
class RelayProbeTest {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final RelayProbe probe = new RelayProbe(loops.next(), RelayTrust.system(), Runnable::run);
  private ServerSocket server;
  private RelayUrl url;

  @BeforeEach
  void listen() throws Exception {
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    url = RelayUrl.parse("http://127.0.0.1:" + server.getLocalPort() + "/");
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3000);
  }

  /** Serves one request after {@code delay}; the future has what was asked, and then the end. */
  private CompletableFuture<String> serve(String answer, Duration delay) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (Socket socket = server.accept()) {
            byte[] request = new byte[1024];
            int n = socket.getInputStream().read(request);
            LockSupport.parkNanos(delay.toNanos());
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            while (socket.getInputStream().read() >= 0) {
              // until the probe closes
            }
            return new String(request, 0, Math.max(0, n), StandardCharsets.US_ASCII);
          } catch (IOException e) {
            return e.toString();
          }
        });
  }

  @Test
  void aProbeTakesAsLongAsItsRequestAndClosesTheConnection() throws Exception {
    CompletableFuture<String> asked =
        serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Duration.ofMillis(60));
    Duration rtt = probe.measure(url, LIMIT).get(5, TimeUnit.SECONDS);
    assertThat(rtt).isBetween(Duration.ofMillis(59), Duration.ofSeconds(2));
    assertThat(asked.get(5, TimeUnit.SECONDS))
        .startsWith("GET /ping HTTP/1.1\r\n")
        .contains("Host: 127.0.0.1:" + server.getLocalPort() + "\r\n");
  }

  @Test
  void aRedirectIsNoAnswer() {
    serve("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", Duration.ZERO);
    assertThatThrownBy(() -> probe.measure(url, LIMIT).get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("302 Found");
  }

  @Test
  void whatIsNotHttpIsNoAnswer() {
    serve("SSH-2.0-x\r\n\r\n", Duration.ZERO);
    assertThatThrownBy(() -> probe.measure(url, LIMIT).get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void anEndlessHeadEndsTheProbe() {
    serve("HTTP/1.1 200 OK\r\nX: " + "y".repeat(20_000), Duration.ZERO);
    assertThatThrownBy(() -> probe.measure(url, LIMIT).get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("HTTP head");
  }

  @Test
  void nobodyThereFailsAtOnce() throws Exception {
    server.close();
    assertThatThrownBy(() -> probe.measure(url, LIMIT).get(5, TimeUnit.SECONDS))
        .hasMessageContaining("cannot connect");
  }

  @Test
  void silenceEndsAtTheLimitAndSoDoesTheConnection() throws Exception {
    CompletableFuture<Duration> silent = probe.measure(url, Duration.ofMillis(100));
    try (Socket socket = server.accept()) {
      assertThatThrownBy(() -> silent.get(5, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TimeoutException.class);
      Await.until("the end", LIMIT, () -> atEnd(socket));
    }
  }

  @Test
  void cancellingClosesTheConnection() throws Exception {
    CompletableFuture<Duration> probing = probe.measure(url, LIMIT);
    try (Socket socket = server.accept()) {
      probing.cancel(false);
      Await.until("the end", LIMIT, () -> atEnd(socket));
    }
  }

  private static boolean atEnd(Socket socket) {
    try {
      socket.setSoTimeout(200);
      while (socket.getInputStream().read() >= 0) {
        // the request
      }
      return true;
    } catch (java.net.SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }
}
