package dev.warren.dns.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SecretKey;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.serving.pages.Version;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.tls.ServerTls;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What dns-server sections 4, 7 and 8 say of HTTP. */
@Tag("trouble")
class HttpServiceTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

  private DnsServer server;
  private Http http;

  @BeforeEach
  void start() throws Exception {
    start(DnsServer.builder().putLimit(PutLimit.DISABLED));
  }

  private void start(DnsServer.Builder builder) throws Exception {
    end();
    server = builder.http(ANY).bind();
    http = new Http(server);
  }

  @AfterEach
  void end() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void thePathsOfTheFieldAnswer() throws Exception {
    assertThat(Http.text(http.get("/"))).isEqualTo("Hi!");
    assertThat(Http.text(http.get("/healthcheck"))).isEqualTo("OK");
    assertThat(Http.text(http.get("/healthz?x=y")))
        .isEqualTo(
            "{\"status\":\"ok\",\"version\":\"" + Version.TEXT + "\",\"git_hash\":\"unknown\"}");
  }

  @Test
  void whatDoesNotExistIsEmptyAndNotCounted() throws Exception {
    for (String path : List.of("/x", "/pkarr", "/pkarr/", "/pkarr/a/b", "/dns-query/", "//")) {
      HttpResponse<byte[]> answer = http.get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(404);
      assertThat(answer.body()).isEmpty();
    }
    assertThat(server.metrics()).containsEntry("http_requests", 0L);
  }

  @Test
  void aMethodThatAPathDoesNotHaveIsNamedWithThoseThatItHas() throws Exception {
    HttpResponse<byte[]> answer = http.send(http.to("/pkarr/" + Vectors.Z32).DELETE());
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).contains("GET,HEAD,PUT");
    assertThat(server.metrics())
        .containsEntry("http_requests", 1L)
        .containsEntry("http_requests_error", 1L);
  }

  @Test
  void headIsGetWithoutABody() throws Exception {
    HttpResponse<byte[]> answer =
        http.send(http.to("/").method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-length")).contains("3");
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void pagesOfAnyOriginMayPublishAndAsk() throws Exception {
    HttpResponse<byte[]> preflight =
        http.send(
            http.to("/pkarr/" + Vectors.Z32)
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("access-control-request-method", "PUT"));
    assertThat(preflight.statusCode()).isEqualTo(200);
    assertThat(preflight.headers().firstValue("access-control-allow-methods"))
        .contains("GET,POST,PUT");
    for (HttpResponse<byte[]> answer : List.of(preflight, http.get("/x"), http.get("/"))) {
      assertThat(answer.headers().firstValue("access-control-allow-origin")).contains("*");
    }
  }

  @Test
  void errorsAreJsonWithTheStatusAsText() throws Exception {
    HttpResponse<byte[]> missing = http.get("/pkarr/" + Vectors.Z32);
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(Http.text(missing)).isEqualTo("{\"status\":\"404\",\"detail\":null}");
    assertThat(missing.headers().firstValue("content-type")).contains("application/json");
    for (String key : List.of("abc", Vectors.Z32.toUpperCase(), "pk%3A" + Vectors.Z32)) {
      HttpResponse<byte[]> answer = http.put(key, Vectors.A);
      assertThat(answer.statusCode()).as(key).isEqualTo(400);
      assertThat(Http.text(answer)).contains("\"status\":\"400\"", "invalid key: ");
    }
  }

  @Test
  void aConnectionIsKeptAndRequestsMayBeSentAhead() throws Exception {
    String requests =
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50)
            + "GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    String answers = http.raw(requests);
    assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(52);
    assertThat(answers).endsWith("OK");
    assertThat(server.metrics()).containsEntry("connections_accepted", 1L);
  }

  @Test
  void thousandsOfRequestsThatComeTogetherAreAnsweredInTheirOrder() throws Exception {
    http.put(Vectors.Z32, Vectors.A);
    String requests =
        ("GET /pkarr/" + Vectors.Z32 + " HTTP/1.1\r\n\r\n")
            + "GET / HTTP/1.1\r\n\r\n".repeat(5_000)
            + "GET /healthcheck HTTP/1.1\r\nConnection: close\r\n\r\n";
    String answers = http.raw(requests);
    assertThat(answers).contains("application/x-pkarr-signed-packet").endsWith("OK");
    assertThat(answers.split("Hi!", -1)).hasSize(5_001);
  }

  @Test
  void whoWaitsForAContinueGetsOne() throws Exception {
    try (Socket socket = http.connect()) {
      String head =
          "PUT /pkarr/"
              + Vectors.Z32
              + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
              + "Content-Length: "
              + Vectors.A.length
              + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readNBytes(25), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      socket.getOutputStream().write(Vectors.A);
      assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 204 ");
    }
  }

  @Test
  void theThirdPacketOfAnAddressWaits() throws Exception {
    start(DnsServer.builder().putLimit(PutLimit.SIMPLE));
    SecretKey key = SecretKey.generate();
    for (int i = 1; i <= 2; i++) {
      assertThat(http.put(Vectors.packet(key, i, Vectors.s1(key)))).isEqualTo(204);
    }
    HttpResponse<byte[]> third = http.put(Vectors.Z32, Vectors.A, "x-forwarded-for", "192.0.2.77");
    assertThat(third.statusCode()).isEqualTo(429);
    String wait = third.headers().firstValue("retry-after").orElseThrow();
    assertThat(wait).isIn("2", "3", "4");
    assertThat(third.headers().firstValue("x-ratelimit-after")).contains(wait);
    assertThat(Http.text(third)).isEqualTo("Too Many Requests! Wait for " + wait + "s");
    assertThat(http.get("/pkarr/" + key.nodeId().toZ32()).statusCode()).isEqualTo(200);
  }

  @Test
  void behindATrustedProxyItIsTheClientWhoWaits() throws Exception {
    start(
        DnsServer.builder()
            .putLimit(PutLimit.SMART)
            .trustedProxies(List.of(AddressRange.parse("127.0.0.0/8"))));
    for (String header : List.of("x-forwarded-for", "x-real-ip")) {
      String prefix = header.equals("x-real-ip") ? "192.0.2." : "198.51.100.";
      for (int i = 1; i <= 5; i++) {
        assertThat(http.put(Vectors.Z32, Vectors.A, header, prefix + i).statusCode())
            .isEqualTo(204);
      }
      assertThat(http.put(Vectors.Z32, Vectors.A, header, prefix + 1).statusCode()).isEqualTo(204);
      assertThat(http.put(Vectors.Z32, Vectors.A, header, prefix + 1).statusCode()).isEqualTo(429);
    }
  }

  @Test
  void overTlsBothVersionsOfHttpAreNegotiated() throws Exception {
    server.close();
    server =
        DnsServer.builder()
            .https(ANY, ServerTls.selfSigned(List.of("127.0.0.1")))
            .putLimit(PutLimit.DISABLED)
            .bind();
    SSLContext trust = trust(server);
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpClient client = HttpClient.newBuilder().sslContext(trust).version(version).build();
      URI url = server.url().orElseThrow();
      HttpResponse<String> put =
          client.send(
              HttpRequest.newBuilder(url.resolve("/pkarr/" + Vectors.Z32))
                  .PUT(HttpRequest.BodyPublishers.ofByteArray(Vectors.A))
                  .timeout(Duration.ofSeconds(20))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(put.statusCode()).isEqualTo(204);
      assertThat(put.version()).isEqualTo(version);
    }
  }

  private static SSLContext trust(DnsServer server) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("server", server.certificate().orElseThrow());
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @Test
  void limitsThatMakeNoSenseAreNamed() {
    assertThatThrownBy(() -> DnsLimits.defaults().lookups(0)).hasMessageContaining("lookups");
  }
}
