package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code --metrics-port} of the commands with an endpoint. */
@Timeout(120)
class MetricsPortTest {
  @Test
  void countersOfTheEndpointAreServedWhereTheEventSays() throws Exception {
    try (WarrenProcess listener =
        WarrenProcess.start("listen", "--json", "--bind", "127.0.0.1:0", "--metrics-port", "0")) {
      String addr = (String) listener.await("metrics").get("addr");
      InProcess dialler = InProcess.run("connect", listener.ticket());
      assertThat(dialler.exitCode()).as(dialler.toString()).isZero();

      HttpResponse<String> page = get(addr);

      assertThat(addr).startsWith("127.0.0.1:");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body())
          .contains("# HELP warren_connections_opened connections opened")
          .contains("\nwarren_connections_opened_total 1\n")
          .contains("\nwarren_socket_recv_udp_total ")
          .endsWith("# EOF\n");
    }
  }

  private static HttpResponse<String> get(String addr) throws IOException, InterruptedException {
    URI uri = URI.create("http://" + addr + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @Test
  void aPortThatIsTakenEndsTheCommand() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      InProcess run = InProcess.run("listen", "--json", "--metrics-port", port);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat((String) run.event("error").get("message")).contains("metrics", port, "another");
    }
  }
}
