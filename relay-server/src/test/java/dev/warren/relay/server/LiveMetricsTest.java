package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.operation.MetricsListener;
import dev.warren.serving.tls.ServerTls;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** All that a relay counts, as it is scraped. */
class LiveMetricsTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static Map<String, OpenMetricsText.Family> scrape(RelayServer relay) {
    try (MetricsListener metrics =
        new MetricsListener(SocketAddrs.parse("127.0.0.1:0"), relay::metrics)) {
      URI uri = URI.create("http://" + SocketAddrs.toString(metrics.address()) + "/metrics");
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      return OpenMetricsText.read(answer.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static long value(RelayServer relay, String name) {
    return scrape(relay).get(name).value();
  }

  @Test
  void theWholeTextIsOpenMetricsAndWhatGoesDownIsAGauge() throws Exception {
    try (RelayServer relay =
        RelayServer.builder()
            .stun(SocketAddrs.parse("127.0.0.1:0"))
            .bind(SocketAddrs.parse("127.0.0.1:0"))) {
      Map<String, OpenMetricsText.Family> busy;
      try (Socket silent =
              new Socket(relay.boundAddress().getAddress(), relay.boundAddress().getPort());
          TestClient client = new TestClient(relay.url(), SecretKey.generate(), null).online()) {
        client.send(client.id(), "hello", 0);
        assertThat(client.next().data()).isEqualTo("hello");
        assertThat(silent.isConnected()).isTrue();
        Await.until(
            "a client, and one on the way in",
            SOON,
            () ->
                value(relay, "relayserver_clients") == 1
                    && value(relay, "relayserver_establishing") == 1);
        busy = scrape(relay);
      }
      Await.until("nobody", SOON, () -> value(relay, "relayserver_clients") == 0);
      Await.until("nobody on the way", SOON, () -> value(relay, "relayserver_establishing") == 0);
      Map<String, OpenMetricsText.Family> idle = scrape(relay);
      assertThat(idle.keySet()).isEqualTo(busy.keySet());
      busy.forEach(
          (name, before) -> {
            long after = idle.get(name).value();
            assertThat(before.gauge() || after >= before.value()).as(name + " went down").isTrue();
          });
    }
  }

  @Test
  void whatHasNoCounterpartInTheFieldIsExplainedToo() throws Exception {
    try (RelayServer relay =
        RelayServer.builder()
            .tls(ServerTls.selfSigned(List.of("localhost")))
            .bind(SocketAddrs.parse("127.0.0.1:0"))) {
      scrape(relay)
          .forEach(
              (name, family) ->
                  assertThat(family.help())
                      .as(name)
                      .contains(" ")
                      .isNotEqualToIgnoringCase(
                          name.replaceFirst("^relayserver_", "").replace('_', ' ')));
    }
  }
}
