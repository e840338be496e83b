package dev.warren.relay.server.access;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a web service: {@code POST} with an empty body and the node id in the headers {@code
 * X-Iroh-Endpoint-Id} and {@code X-Iroh-NodeId} (newer and older services read one or the other,
 * iroh-1.4-changes). Status 200 with exactly {@code true} as its body allows; anything else denies,
 * and so does a service that is slow, gone or overwhelmed. Redirects are not followed and answers
 * are not remembered. Any thread.
 */
public final class HttpAccess implements AccessControl {
  private static final Logger LOG = LoggerFactory.getLogger(HttpAccess.class);

  /** Well inside {@code RelayLimits.handshakeTime}, so that a client hears of its denial. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Requests at once; what one service on a small machine takes. */
  private static final int IN_FLIGHT = 256;

  private final HttpClient client;
  private final URI url;
  private final @Nullable String authorization;
  private final Duration timeout;
  private final Semaphore free;

  private HttpAccess(Builder builder) {
    url = builder.url;
    authorization = builder.bearerToken == null ? null : "Bearer " + builder.bearerToken;
    timeout = builder.timeout;
    free = new Semaphore(builder.inFlight);
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * @throws IllegalArgumentException if {@code url} is not an absolute http or https URL
   */
  public static Builder builder(URI url) {
    return new Builder(url);
  }

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private final URI url;
    private @Nullable String bearerToken;
    private Duration timeout = TIMEOUT;
    private int inFlight = IN_FLIGHT;

    private Builder(URI url) {
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      if (!(scheme.equals("http") || scheme.equals("https")) || url.getHost() == null) {
        throw new IllegalArgumentException(
            "the access service \"" + url + "\" is not an absolute http or https URL");
      }
      this.url = url;
    }

    /**
     * Sent to the service as {@code Authorization: Bearer …}; null, the default, for nothing.
     *
     * @throws IllegalArgumentException if it has characters that a header cannot carry
     */
    public Builder bearerToken(@Nullable String token) {
      if (token != null && !token.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
        throw new IllegalArgumentException(
            "the bearer token for the access service has characters that are not printable ASCII");
      }
      bearerToken = token;
      return this;
    }

    /** For connecting and the whole answer together. Default 5 s. */
    public Builder timeout(Duration limit) {
      if (limit.isNegative() || limit.isZero()) {
        throw new IllegalArgumentException("a timeout is longer than 0, not " + limit);
      }
      timeout = limit;
      return this;
    }

    /** Requests at once; a connection that would need one more is denied. Default 256. */
    public Builder inFlight(int requests) {
      if (requests < 1) {
        throw new IllegalArgumentException("at least 1 request at once, not " + requests);
      }
      inFlight = requests;
      return this;
    }

    public HttpAccess build() {
      return new HttpAccess(this);
    }
  }

  @Override
  public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
    if (!free.tryAcquire()) {
      LOG.debug("{} denied: too many questions at once to {}", request.node(), url.getHost());
      return FixedAccess.DENIED;
    }
    CompletableFuture<HttpResponse<Boolean>> exchange;
    try {
      exchange = client.sendAsync(question(request), head -> new ExactBody(head.statusCode()));
    } catch (RuntimeException e) {
      free.release();
      throw e;
    }
    // The client's own timeout ends with the head of the answer. A copy is what times out, so that
    // the exchange can be cancelled, which closes its socket.
    return exchange
        .thenApply(HttpResponse::body)
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete(
            (allowed, failure) -> {
              free.release();
              exchange.cancel(true);
            })
        .handle((allowed, failure) -> decide(request, allowed, failure));
  }

  private HttpRequest question(AccessRequest request) {
    String node = request.node().toString();
    HttpRequest.Builder question =
        HttpRequest.newBuilder(url)
            .header("X-Iroh-Endpoint-Id", node)
            .header("X-Iroh-NodeId", node)
            .POST(HttpRequest.BodyPublishers.noBody());
    if (authorization != null) {
      question.header("Authorization", authorization);
    }
    return question.build();
  }

  private AccessDecision decide(
      AccessRequest request, @Nullable Boolean allowed, @Nullable Throwable failure) {
    if (failure != null) {
      LOG.debug("{} denied: no answer from {}: {}", request.node(), url.getHost(), failure);
    }
    return Boolean.TRUE.equals(allowed) ? AccessDecision.allow() : AccessDecision.deny();
  }
}
