package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.relay.server.wire.HttpAnswer;
import dev.warren.serving.wire.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServicesTest {
  private final AtomicBoolean draining = new AtomicBoolean();
  private final HttpServices services = new HttpServices(true, "1.2.3", draining::get);

  private HttpAnswer get(String target, String... header) {
    Map<String, List<String>> headers =
        header.length == 0 ? Map.of() : Map.of(header[0], List.of(header[1]));
    return services.answer(new HttpRequest("GET", target, headers));
  }

  @ParameterizedTest
  @CsvSource({
    "/,200 OK,Content-Type: text/html; charset=utf-8",
    "/index.html,200 OK,Content-Type: text/html; charset=utf-8",
    "/ping,200 OK,Access-Control-Allow-Origin: *",
    "/ping?x=1,200 OK,Access-Control-Allow-Origin: *",
    "http://relay.example.test/ping,200 OK,Access-Control-Allow-Origin: *",
    "/robots.txt,200 OK,Content-Type: text/plain; charset=utf-8",
    "/healthz,200 OK,Content-Type: application/json",
    "/ping/,404 Not Found,Content-Type: text/plain; charset=utf-8",
    "/PING,404 Not Found,Content-Type: text/plain; charset=utf-8",
    "//ping,404 Not Found,Content-Type: text/plain; charset=utf-8",
    "/%70ing,404 Not Found,Content-Type: text/plain; charset=utf-8",
    "ping,404 Not Found,Content-Type: text/plain; charset=utf-8",
    "*,404 Not Found,Content-Type: text/plain; charset=utf-8",
    "/index.htm,404 Not Found,Content-Type: text/plain; charset=utf-8"
  })
  void pathsAreMatchedExactly(String target, String status, String header) {
    HttpAnswer answer = get(target);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.headers()).contains(header);
    if (status.startsWith("404")) {
      assertThat(answer.body()).isEqualTo("Not Found");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "POST", "OPTIONS", "PUT", "get", "CONNECT", "TRACE"})
  void everyMethodButGetIs404(String method) {
    for (String path : List.of("/", "/ping", "/healthz", "/generate_204", "/relay")) {
      assertThat(services.answer(new HttpRequest(method, path, Map.of())).status())
          .isEqualTo("404 Not Found");
    }
    assertThat(
            HttpServices.portalAnswer(new HttpRequest(method, "/generate_204", Map.of())).status())
        .isEqualTo("404 Not Found");
  }

  @Test
  void thePageNamesWhereTheProtocolComesFrom() {
    assertThat(get("/").body()).contains("iroh.computer");
    assertThat(get("/ping").body()).isEmpty();
    assertThat(get("/robots.txt").body()).isEqualTo("User-agent: *\nDisallow: /\n");
  }

  @Test
  void healthIsOkUntilTheRelayDrains() {
    assertThat(get("/healthz").body())
        .isEqualTo("{\"status\":\"ok\",\"version\":\"1.2.3\",\"git_hash\":\"unknown\"}");
    draining.set(true);
    assertThat(get("/healthz").status()).isEqualTo("503 Service Unavailable");
    assertThat(get("/healthz").body()).startsWith("{\"status\":\"draining\"");
    assertThat(get("/ping").status()).isEqualTo("200 OK");
  }

  @ParameterizedTest
  @ValueSource(strings = {"123az__.", "ts_relay.example.org.", "a", "A-Z.0_9"})
  void aChallengeOfEitherFamilyIsAnsweredInItsOwnName(String challenge) {
    HttpAnswer modern = get("/generate_204", "x-iroh-challenge", challenge);
    assertThat(modern.status()).isEqualTo("204 No Content");
    assertThat(modern.headers()).contains("X-Iroh-Response: response " + challenge);
    HttpAnswer legacy = get("/generate_204", "x-tailscale-challenge", challenge);
    assertThat(legacy.headers())
        .contains("X-Tailscale-Response: response " + challenge)
        .noneMatch(line -> line.startsWith("X-Iroh"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "a:b",
        "\u00e9",
        "a\u0661",
        "0123456789012345678901234567890123456789012345678901234567890123"
      })
  void aChallengeThatIsNoneIs204WithoutAnAnswer(String challenge) {
    HttpAnswer answer = get("/generate_204", "x-iroh-challenge", challenge);
    assertThat(answer.status()).isEqualTo("204 No Content");
    assertThat(answer.headers()).noneMatch(line -> line.contains("Response"));
  }

  @Test
  void aChallengeOf63LettersIsAnswered() {
    assertThat(get("/generate_204", "x-iroh-challenge", "a".repeat(63)).headers())
        .contains("X-Iroh-Response: response " + "a".repeat(63));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/ping", "/nothing", "/healthz", "/generate_204"})
  void everyAnswerForbidsBrowsersEverythingOnce(String path) {
    assertThat(get(path).headers())
        .filteredOn(line -> line.startsWith("Content-Security-Policy: default-src 'none'"))
        .hasSize(1);
    assertThat(get(path).headers())
        .filteredOn(
            line -> line.equals("Strict-Transport-Security: max-age=63072000; includeSubDomains"))
        .hasSize(1);
    HttpServices plain = new HttpServices(false, "1", () -> false);
    assertThat(plain.answer(new HttpRequest("GET", path, Map.of())).headers())
        .noneMatch(line -> line.startsWith("Strict-Transport"));
  }

  @Test
  void thePlainListenerBesideTlsOnlyAnswersThePortalCheck() {
    for (String path : List.of("/", "/ping", "/healthz", "/relay", "/derp", "/robots.txt")) {
      HttpAnswer answer = HttpServices.portalAnswer(new HttpRequest("GET", path, Map.of()));
      assertThat(answer.status()).isEqualTo("404 Not Found");
      assertThat(answer.headers()).noneMatch(line -> line.startsWith("Content-Security"));
    }
    assertThat(
            HttpServices.portalAnswer(
                    new HttpRequest(
                        "GET", "/generate_204", Map.of("x-iroh-challenge", List.of("abc"))))
                .headers())
        .containsExactly("X-Iroh-Response: response abc");
  }
}
