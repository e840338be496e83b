package dev.warren.relay.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.serving.pages.PageServer;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Metrics and the status page over real sockets, and what strangers can do there. */
class PageServerTest {
  private static final InetSocketAddress ANY = SocketAddrs.parse("127.0.0.1:0");

  private final List<StatusSource.Client> clients = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T opened(T each) {
    open.add(0, each);
    return each;
  }

  private MetricsListener metrics() throws Exception {
    return opened(new MetricsListener(ANY, () -> Map.of("accepts", 5L)));
  }

  private StatusPage status() throws Exception {
    return opened(
        new StatusPage(
            ANY,
            new StatusSource() {
              @Override
              public Map<String, Long> metrics() {
                return Map.of("refused_access", 3L, "accepts", 1L, "dropped", 0L);
              }

              @Override
              public List<Client> clients() {
                return List.copyOf(clients);
              }
            }));
  }

  private Socket connect(InetSocketAddress address) throws IOException {
    Socket socket = opened(new Socket(address.getAddress(), address.getPort()));
    socket.setSoTimeout(15_000);
    return socket;
  }

  private String ask(InetSocketAddress address, String request) throws IOException {
    Socket socket = connect(address);
    socket.getOutputStream().write((request + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void everyPathOfTheMetricsHasThemAll() throws Exception {
    MetricsListener metrics = metrics();
    for (String path : List.of("/", "/metrics", "/x?y=z")) {
      assertThat(ask(metrics.address(), "GET " + path + " HTTP/1.1\r\nHost: x"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("Content-Type: text/plain; charset=utf-8")
          .endsWith("relayserver_accepts_total 5\n# EOF\n");
    }
  }

  @Test
  void whoKnowsOpenMetricsIsToldThatItIs() throws Exception {
    assertThat(
            ask(
                metrics().address(),
                "GET / HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0,*/*;q=0.1"))
        .contains("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8");
  }

  @Test
  void onlyGetAndHeadAreServed() throws Exception {
    MetricsListener metrics = metrics();
    assertThat(ask(metrics.address(), "POST / HTTP/1.1")).startsWith("HTTP/1.1 405 ");
    assertThat(ask(metrics.address(), "HEAD / HTTP/1.1"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("\r\n\r\n");
  }

  @Test
  void whatIsNoRequestIsClosed() throws Exception {
    MetricsListener metrics = metrics();
    assertThat(ask(metrics.address(), "x".repeat(40_000))).isEmpty();
    assertThat(ask(metrics.address(), "GET / HTTP/1.1\r\nnonsense")).isEmpty();
    assertThat(ask(metrics.address(), "GET / HTTP/1.1")).contains("# EOF");
  }

  @Test
  void silentConnectionsAreBoundedAndCutSoThatOthersAreServed() throws Exception {
    MetricsListener metrics = metrics();
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < PageServer.MOST + 5; i++) {
      silent.add(connect(metrics.address()));
    }
    for (Socket beyond : silent.subList(PageServer.MOST, silent.size())) {
      assertThat(beyond.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(silent.get(0).getInputStream().read()).as("cut after its time").isEqualTo(-1);
    Await.until(
        "serving again",
        Duration.ofSeconds(5),
        () -> {
          try {
            return ask(metrics.address(), "GET / HTTP/1.1").contains("# EOF");
          } catch (IOException stillFull) {
            return false;
          }
        });
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    MetricsListener metrics = metrics();
    assertThatThrownBy(() -> new MetricsListener(metrics.address(), Map::of))
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining(SocketAddrs.toString(metrics.address()))
        .hasMessageContaining("choose another");
  }

  @Test
  void thePageMayRunItsOwnScriptOnlyAndNamesNoOtherHost() throws Exception {
    String page = ask(status().address(), "GET / HTTP/1.1\r\nHost: localhost:1");
    assertThat(page).contains("script-src 'sha256-", "default-src 'none'", "<svg");
    assertThat(page).doesNotContain("http://", "https://", "//cdn", "innerHTML");
  }

  @Test
  void theFeedHasClientsRefusalsAndThroughputWithoutAnythingThatIsMarkup() throws Exception {
    clients.add(
        new StatusSource.Client(
            "ab".repeat(32),
            SocketAddrs.parse("192.0.2.7:5"),
            "<script>",
            Instant.now().minusSeconds(90),
            10,
            20,
            true));
    StatusPage status = status();
    String[] feed = new String[1];
    Await.until(
        "two samples",
        Duration.ofSeconds(10),
        () -> {
          try {
            feed[0] = ask(status.address(), "GET /status.json HTTP/1.1\r\nHost: 127.0.0.1");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
          return feed[0].contains("\"second\":2");
        });
    assertThat(feed[0])
        .contains("Content-Type: application/json")
        .contains("\"id\":\"ababababab\"", "\"address\":\"192.0.2.7:5\"", "\"clientCount\":1")
        .contains("\"refusals\":{\"refused_access\":3}")
        .doesNotContain("<script>");
  }

  @Test
  void aNameThatPointsToLoopbackIsNotServedThePage() throws Exception {
    StatusPage status = status();
    assertThat(ask(status.address(), "GET / HTTP/1.1\r\nHost: evil.example"))
        .startsWith("HTTP/1.1 403 ");
    assertThat(ask(status.address(), "GET / HTTP/1.1\r\nHost: [::1]:9091"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(ask(status.address(), "GET /other HTTP/1.1\r\nHost: localhost"))
        .startsWith("HTTP/1.1 404 ");
  }
}
