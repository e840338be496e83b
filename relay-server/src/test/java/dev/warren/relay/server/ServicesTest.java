package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.serving.tls.ServerTls;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP on real sockets: two listeners, odd requests, slow clients. */
class ServicesTest {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");
  private static final String UPGRADE =
      "GET /relay HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Protocol: iroh-relay-v2, iroh-relay-v1\r\n";

  private static Socket plain(InetSocketAddress address) throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static Socket tls(InetSocketAddress address) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    Socket socket =
        context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** All that comes until the server ends the connection. */
  private static String ask(Socket socket, String request) throws IOException {
    try (socket) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(ISO_8859_1));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: relay.example.test.\r\n\r\n";
  }

  @Test
  void withoutTlsOneListenerServesEverything() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK)) {
      assertThat(relay.plainHttpAddress()).isEmpty();
      assertThat(relay.stunAddress()).isEmpty();
      for (String path : List.of("/", "/ping", "/healthz", "/robots.txt")) {
        assertThat(ask(plain(relay.boundAddress()), get(path)))
            .startsWith("HTTP/1.1 200 OK\r\n")
            .contains("Connection: close\r\n");
      }
      assertThat(ask(plain(relay.boundAddress()), get("/generate_204")))
          .startsWith("HTTP/1.1 204 No Content\r\n")
          .doesNotContain("Content-Length")
          .endsWith("\r\n\r\n");
      assertThat(ask(plain(relay.boundAddress()), get("/healthz"))).contains("\"status\":\"ok\"");
    }
  }

  @Test
  void withTlsThePlainListenerAnswersThePortalCheckOnly() throws Exception {
    try (RelayServer relay =
        RelayServer.builder()
            .tls(ServerTls.selfSigned(List.of("127.0.0.1")))
            .plainHttp(LOOPBACK)
            .bind(LOOPBACK)) {
      InetSocketAddress http = relay.plainHttpAddress().orElseThrow();
      assertThat(ask(tls(relay.boundAddress()), get("/ping")))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("Strict-Transport-Security: ");
      assertThat(ask(plain(http), get("/ping"))).startsWith("HTTP/1.1 404 Not Found\r\n");
      assertThat(ask(plain(http), UPGRADE + "\r\n")).startsWith("HTTP/1.1 404 Not Found\r\n");
      assertThat(
              ask(
                  plain(http),
                  get("/generate_204").replace("\r\n\r\n", "\r\nX-Iroh-Challenge: a\r\n\r\n")))
          .startsWith("HTTP/1.1 204 No Content\r\n")
          .contains("X-Iroh-Response: response a\r\n")
          .doesNotContain("Strict-Transport");
    }
  }

  @Test
  void anAnswerToHeadHasNoBody() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK)) {
      assertThat(ask(plain(relay.boundAddress()), "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"))
          .startsWith("HTTP/1.1 404 Not Found\r\n")
          .contains("Content-Length: 9\r\n")
          .endsWith("\r\n\r\n");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET / HTTP/2.0\\r\\n\\r\\n|505",
        "GET /\\r\\n\\r\\n|400",
        "GET  / HTTP/1.1\\r\\n\\r\\n|400",
        "G\u0001T / HTTP/1.1\\r\\n\\r\\n|400",
        "\\r\\n\\r\\n|400",
        "GET / HTTP/1.1\\r\\nno colon\\r\\n\\r\\n|400",
        "GET / HTTP/1.1\\r\\nA: b\\r\\n folded\\r\\n\\r\\n|400",
        "GET / HTTP/1.1\\r\\nA : b\\r\\n\\r\\n|400",
        "GET / HTTP/1.1\\r\\nA: b\\nC: d\\r\\n\\r\\n|400",
        "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n|505"
      })
  void whatIsNoRequestIsRefusedAndCounted(String request, String code) throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK)) {
      String bytes = request.replace("\\r", "\r").replace("\\n", "\n");
      assertThat(ask(plain(relay.boundAddress()), bytes)).startsWith("HTTP/1.1 " + code + " ");
      assertThat(relay.metrics()).containsEntry("http_bad_requests", 1L);
    }
  }

  /** Also over TLS, whose records may be cut differently. */
  @Test
  void aHeaderOfAMegabyteIsRefusedWithAnAnswer() throws Exception {
    String request =
        "GET /relay HTTP/1.1\r\nAuthorization: Bearer " + "x".repeat(1_000_000) + "\r\n\r\n";
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK);
        RelayServer secure =
            RelayServer.builder().tls(ServerTls.selfSigned(List.of("127.0.0.1"))).bind(LOOPBACK)) {
      assertThat(ask(plain(relay.boundAddress()), request)).startsWith("HTTP/1.1 431 ");
      assertThat(ask(tls(secure.boundAddress()), request)).startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void tooManyHeadersAreRefused() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK)) {
      String start = "GET /ping HTTP/1.1\r\n";
      assertThat(ask(plain(relay.boundAddress()), start + "A: b\r\n".repeat(100) + "\r\n"))
          .startsWith("HTTP/1.1 200 ");
      assertThat(ask(plain(relay.boundAddress()), start + "A: b\r\n".repeat(101) + "\r\n"))
          .startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void nothingMayFollowAnUpgradeBeforeItsAnswer() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK)) {
      String answer = ask(plain(relay.boundAddress()), UPGRADE + "\r\n" + get("/ping"));
      assertThat(answer).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1");
    }
  }

  @Test
  void whoAsksForNothingInTimeIsCut() throws Exception {
    RelayLimits limits = RelayLimits.builder().establishTime(Duration.ofMillis(300)).build();
    try (RelayServer relay = RelayServer.builder().limits(limits).bind(LOOPBACK);
        RelayServer secure =
            RelayServer.builder()
                .limits(limits)
                .tls(ServerTls.selfSigned(List.of("127.0.0.1")))
                .bind(LOOPBACK);
        Socket silent = plain(relay.boundAddress());
        Socket slow = plain(relay.boundAddress());
        Socket noTls = plain(secure.boundAddress());
        Socket silentTls = tls(secure.boundAddress())) {
      slow.getOutputStream().write("GET /relay HTTP/1.1\r\nA: ".getBytes(ISO_8859_1));
      for (Socket socket : List.of(silent, slow, noTls, silentTls)) {
        assertThat(ends(socket)).isTrue();
      }
      assertThat(relay.metrics()).containsEntry("http_establish_timeouts", 2L);
    }
  }

  private static boolean ends(Socket socket) {
    try {
      return socket.getInputStream().readAllBytes().length >= 0;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException resetOrCutInTheHandshake) {
      return true;
    }
  }
}
