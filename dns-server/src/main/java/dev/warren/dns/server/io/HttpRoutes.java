package dev.warren.dns.server.io;

import dev.warren.dns.server.wire.HttpAnswer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Which request is whose (dns-server section 4). Any thread. */
public final class HttpRoutes {
  private static final String PKARR = "/pkarr/";

  private final PkarrService pkarr;
  private final DohService doh;
  private final DnsCounters counters;
  private final BooleanSupplier draining;
  private final String version;

  /**
   * @param version shown by {@code /healthz}
   * @param draining whether it is to say that the server goes away
   */
  public HttpRoutes(
      PkarrService pkarr,
      DohService doh,
      DnsCounters counters,
      String version,
      BooleanSupplier draining) {
    this.pkarr = pkarr;
    this.doh = doh;
    this.counters = counters;
    this.version = version;
    this.draining = draining;
  }

  private interface Handling extends Function<HttpExchange, CompletionStage<HttpAnswer>> {}

  /** Answers, counts, and lets pages of any origin read the answer. */
  CompletionStage<HttpAnswer> answer(HttpExchange request) {
    long began = System.nanoTime();
    if (request.method().equals("OPTIONS")) {
      return now(preflight());
    }
    return routed(request)
        .thenApply(
            answer -> {
              counted(answer, System.nanoTime() - began);
              return answer.with("access-control-allow-origin", "*").with("vary", "origin");
            });
  }

  private void counted(HttpAnswer answer, long nanos) {
    if (answer.known()) {
      counters.httpRequests.increment();
      (answer.status() / 100 == 2 ? counters.httpSuccess : counters.httpError).increment();
      counters.httpMillis.add(nanos / 1_000_000);
    }
  }

  /** What browsers ask before they let a page ask. */
  private static HttpAnswer preflight() {
    return new HttpAnswer(
        200,
        Map.of(
            "access-control-allow-origin",
            "*",
            "access-control-allow-methods",
            "GET,POST,PUT",
            "vary",
            "origin, access-control-request-method, access-control-request-headers"),
        new byte[0],
        false);
  }

  private CompletionStage<HttpAnswer> routed(HttpExchange request) {
    Map<String, Handling> methods = methods(request.path());
    if (methods.isEmpty()) {
      return now(HttpAnswer.notFound());
    }
    // HEAD is GET without a body, which the connection leaves out.
    String method = request.method().equals("HEAD") ? "GET" : request.method();
    Handling handling = methods.get(method);
    if (handling != null) {
      return handling.apply(request);
    }
    String allowed = String.join(",", methods.keySet());
    return now(HttpAnswer.empty(405).with("allow", allowed.replace("GET", "GET,HEAD")));
  }

  private Map<String, Handling> methods(String path) {
    if (path.startsWith(PKARR)) {
      String key = path.substring(PKARR.length());
      return key.isEmpty() || key.indexOf('/') >= 0
          ? Map.of()
          : methods(List.of("GET", "PUT"), r -> pkarr.get(key), r -> pkarr.put(r, key));
    }
    return switch (path) {
      case "/dns-query" -> methods(List.of("GET", "POST"), doh::get, doh::post);
      case "/healthz" -> methods(List.of("GET"), r -> now(health()));
      case "/healthcheck" -> methods(List.of("GET"), r -> now(HttpAnswer.text(200, "OK")));
      case "/" -> methods(List.of("GET"), r -> now(HttpAnswer.text(200, "Hi!")));
      default -> Map.of();
    };
  }

  private static Map<String, Handling> methods(List<String> names, Handling... handlings) {
    Map<String, Handling> methods = new LinkedHashMap<>();
    for (int i = 0; i < handlings.length; i++) {
      methods.put(names.get(i), handlings[i]);
    }
    return methods;
  }

  private HttpAnswer health() {
    boolean ends = draining.getAsBoolean();
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("status", ends ? "draining" : "ok");
    fields.put("version", version);
    fields.put("git_hash", "unknown");
    return HttpAnswer.json(ends ? 503 : 200, "application/json", fields);
  }

  private static CompletionStage<HttpAnswer> now(HttpAnswer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
