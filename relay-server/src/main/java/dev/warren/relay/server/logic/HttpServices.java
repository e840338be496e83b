package dev.warren.relay.server.logic;

import dev.warren.relay.server.wire.HttpAnswer;
import dev.warren.serving.wire.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * What a relay answers beside the relay protocol (relay-server section 2). Methods and paths are
 * matched exactly: HEAD or POST of something that exists is 404 too, as with other relays of this
 * network. Any thread.
 */
public final class HttpServices {
  /** What the challenge of a captive portal check may be (relay-server section 2.1). */
  private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9._-]{1,63}");

  private static final List<String> POLICY =
      List.of(
          "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; form-action 'none';"
              + " base-uri 'self'",
          "X-Content-Type-Options: nosniff");

  /** Two years, the value of the other relays of this network. */
  private static final String HSTS =
      "Strict-Transport-Security: max-age=63072000; includeSubDomains";

  private static final String INDEX =
      """
      <!DOCTYPE html>
      <html lang="en">
      <title>Warren relay</title>
      <h1>Warren relay</h1>
      <p>This server forwards encrypted datagrams between peers that cannot reach each other
      directly. It speaks the relay protocol of <a href="https://iroh.computer">iroh.computer</a>;
      there is nothing to see here with a browser.
      """;

  private final BooleanSupplier draining;
  private final String health;
  private final String drainingHealth;
  private final List<String> security;

  /**
   * @param tls whether answers reach clients through the relay's own TLS: without it, asking a
   *     browser to insist on TLS means nothing
   * @param version shown by {@code /healthz}
   */
  public HttpServices(boolean tls, String version, BooleanSupplier draining) {
    this.draining = draining;
    this.health = health("ok", version);
    this.drainingHealth = health("draining", version);
    this.security = tls ? List.of(POLICY.get(0), POLICY.get(1), HSTS) : POLICY;
  }

  private static String health(String status, String version) {
    return "{\"status\":\""
        + status
        + "\",\"version\":\""
        + version
        + "\",\"git_hash\":\"unknown\"}";
  }

  /** Header lines of every answer of the relay's listener, the 101 included. */
  public List<String> securityHeaders() {
    return security;
  }

  /** The answer of the relay's listener to anything but an upgrade. */
  public HttpAnswer answer(HttpRequest request) {
    return service(request).with(security);
  }

  private HttpAnswer service(HttpRequest request) {
    if (!request.method().equals("GET")) {
      return notFound();
    }
    return switch (request.path()) {
      case "/", "/index.html" -> HttpAnswer.of("200 OK", "text/html; charset=utf-8", INDEX);
      case "/ping" -> HttpAnswer.text("200 OK", "").with("Access-Control-Allow-Origin: *");
      case "/robots.txt" -> HttpAnswer.text("200 OK", "User-agent: *\nDisallow: /\n");
      case "/healthz" ->
          draining.getAsBoolean()
              ? HttpAnswer.of("503 Service Unavailable", "application/json", drainingHealth)
              : HttpAnswer.of("200 OK", "application/json", health);
      case "/generate_204" -> generate204(request);
      default -> notFound();
    };
  }

  /** The answer of the plain listener beside TLS: the captive portal check and nothing else. */
  public static HttpAnswer portalAnswer(HttpRequest request) {
    return request.method().equals("GET") && request.path().equals("/generate_204")
        ? generate204(request)
        : notFound();
  }

  /** Proves to a captive portal check of either family that nobody answered in our place. */
  private static HttpAnswer generate204(HttpRequest request) {
    HttpAnswer answer = new HttpAnswer("204 No Content", List.of(), "");
    for (String family : List.of("Iroh", "Tailscale")) {
      Optional<String> challenge =
          request.header("x-" + (family.equals("Iroh") ? "iroh" : "tailscale") + "-challenge");
      if (challenge.isPresent() && CHALLENGE.matcher(challenge.get()).matches()) {
        answer = answer.with("X-" + family + "-Response: response " + challenge.get());
      }
    }
    return answer;
  }

  private static HttpAnswer notFound() {
    return HttpAnswer.text("404 Not Found", "Not Found");
  }
}
