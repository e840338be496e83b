package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A relay behind https with an authority of its own, as processes. */
@Timeout(240)
class RelayTlsTest {
  /** For a transfer on a machine that does other things. */
  private static final Duration LONG = Duration.ofSeconds(180);

  private final List<WarrenProcess> processes = new ArrayList<>();

  @TempDir Path dir;

  private WarrenProcess warren(String... args) throws IOException {
    WarrenProcess process = WarrenProcess.start(args);
    processes.add(process);
    return process;
  }

  @AfterEach
  void killAll() {
    processes.forEach(WarrenProcess::close);
  }

  private WarrenProcess relay() throws IOException {
    String toml =
        """
        http_bind_addr = "127.0.0.1:0"
        enable_metrics = false
        enable_status_page = false
        enable_stun = false
        drain_seconds = 1
        # On the fastest machine the transfer below takes seconds.
        limits.client.rx.bytes_per_second = 4_194_304
        [tls]
        cert_mode = "Reloading"
        https_bind_addr = "127.0.0.1:0"
        manual_cert_path = "%s"
        manual_key_path = "%s"
        """
            .formatted(dir.resolve("relay.crt"), dir.resolve("relay.key"));
    Path file = Files.writeString(dir.resolve("relay.toml"), toml);
    WarrenProcess relay = warren("relay", "--json", "--config", file.toString());
    assertThat(relay.await("bound").get("url").toString()).startsWith("https://127.0.0.1:");
    assertThat(relay.await("bound")).containsKey("plainHttp");
    return relay;
  }

  private WarrenProcess download(String ticket, String bytes, String url, Path ca)
      throws IOException {
    return warren(
        "connect",
        ticket,
        "--json",
        "--no-direct",
        "--relay",
        url,
        "--relay-ca",
        ca.toString(),
        "--alpn",
        "warren-source/0",
        "--bytes",
        bytes,
        "--timeout",
        "30");
  }

  /** What a client that asks no questions is shown. */
  private static X509Certificate shown(URI url) throws Exception {
    X509TrustManager everybody =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {everybody}, new SecureRandom());
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(10_000);
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void aCertificateThatIsSwappedUnderLoadIsForNewConnectionsAndCutsNone() throws Exception {
    OwnAuthority authority = new OwnAuthority(dir);
    Path ca = authority.ca();
    authority.issue("first");
    authority.issue("second");
    X509Certificate first = authority.install("first");
    WarrenProcess relay = relay();
    String url = (String) relay.await("bound").get("url");
    assertThat(shown(URI.create(url))).isEqualTo(first);

    WarrenProcess listener =
        warren("listen", "--json", "--no-direct", "--relay", url, "--relay-ca", ca.toString());
    listener.await("online");
    WarrenProcess running = download(listener.ticket(), "16MiB", url, ca);
    running.await("connected");
    X509Certificate second = authority.install("second");
    relay.signal("HUP");
    Await.until("reloaded", WarrenProcess.LIMIT, () -> relay.stderr().contains("\"reloaded\""));
    assertThat(shown(URI.create(url))).isEqualTo(second);

    assertThat(running.isAlive()).as("the transfer outlasts the swap").isTrue();
    assertThat(running.exitCode(LONG)).as(running.toString()).isZero();
    assertThat(running.await("result")).containsEntry("mismatches", 0);
    assertThat(relay.stderr()).doesNotContain("\"event\":\"gone\",\"node\":\"" + id(listener));
    WarrenProcess another = download(listener.ticket(), "1MiB", url, ca);
    another.assertExit(0);
    relay.signal("TERM");
    relay.assertExit(0);
  }

  @Test
  void aRelayForDevelopmentWritesTheCertificateThatItsClientsTrust() throws Exception {
    Path ca = dir.resolve("dev.pem");
    WarrenProcess relay =
        warren("relay", "--json", "--dev-tls", ca.toString(), "--bind", "127.0.0.1:0");
    String url = (String) relay.await("bound").get("url");
    assertThat(url).startsWith("https://127.0.0.1:");
    assertThat(relay.await("bound")).containsEntry("certificate", ca.toString());
    WarrenProcess listener =
        warren("listen", "--json", "--no-direct", "--relay", url, "--relay-ca", ca.toString());
    listener.await("online");
    download(listener.ticket(), "1MiB", url, ca).assertExit(0);
  }

  private static Object id(WarrenProcess listener) {
    return listener.await("bound").get("id");
  }
}
