package dev.warren.discovery.pkarr;

import dev.warren.base.NodeId;
import dev.warren.discovery.io.HttpClient;
import dev.warren.discovery.io.HttpRequest;
import dev.warren.discovery.io.ProxyAddress;
import dev.warren.discovery.io.SharedLoop;
import dev.warren.discovery.io.Tls;
import dev.warren.discovery.wire.HttpResponse;
import dev.warren.discovery.wire.SignedPacket;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A pkarr relay (discovery section 5.1): one resource for each key under a base URL. Any thread.
 */
final class PkarrRelay implements AutoCloseable {
  private static final byte[] NO_BODY = {};

  /** Servers explain an error in their answer; it is not read further than this. */
  private static final int MAX_ERROR = 64 * 1024;

  private final String base;
  private final Duration timeout;
  private final SharedLoop share = SharedLoop.acquire();
  private final HttpClient http;

  PkarrRelay(URI base, Duration timeout, Executor blocking, Tls tls, @Nullable ProxyAddress proxy) {
    this.base = base.toString().replaceAll("/+$", "");
    this.timeout = timeout;
    this.http = new HttpClient(share.loop(), blocking, tls, proxy);
  }

  /**
   * @throws IllegalArgumentException if nothing can be appended to it, or it is not http(s)
   */
  static URI checked(URI base) {
    if (base.getRawQuery() != null) {
      throw new IllegalArgumentException("the URL of a pkarr relay has no query: " + base);
    }
    return HttpClient.checked(base);
  }

  CompletableFuture<HttpResponse> get(NodeId id) {
    return http.send(new HttpRequest("GET", resource(id), Map.of(), NO_BODY, MAX_ERROR), timeout);
  }

  CompletableFuture<HttpResponse> put(SignedPacket packet) {
    return http.send(
        new HttpRequest(
            "PUT",
            resource(packet.nodeId()),
            Map.of("Content-Type", "application/x-pkarr-signed-packet"),
            packet.relayPayload(),
            MAX_ERROR),
        timeout);
  }

  private URI resource(NodeId id) {
    return URI.create(base + "/" + id.toZ32());
  }

  /** What to do about an answer that is no success. */
  String explain(HttpResponse answer) {
    String what = base + " answered with status " + answer.status();
    return switch (answer.status()) {
      case 301, 302, 303, 307, 308 ->
          what + ": redirects are not followed; name the URL that it leads to";
      case 404, 405 -> what + ": is this the base URL of a pkarr relay?";
      case 429 -> what + ": it takes fewer packets from one address";
      default -> what;
    };
  }

  EventLoop loop() {
    return share.loop();
  }

  @Override
  public void close() {
    share.close();
  }

  @Override
  public String toString() {
    return base;
  }
}
