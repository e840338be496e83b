package dev.warren.discovery.io;

import dev.warren.discovery.wire.HttpResponse;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends HTTP requests, each on a connection of its own: a publisher has one in five minutes. Holds
 * nothing open. Any thread.
 */
public final class HttpClient {
  private final EventLoop loop;
  private final Executor blocking;
  private final Tls tls;
  private final @Nullable ProxyAddress proxy;

  /**
   * @param blocking looks host names up
   */
  public HttpClient(EventLoop loop, Executor blocking, Tls tls, @Nullable ProxyAddress proxy) {
    this.loop = loop;
    this.blocking = blocking;
    this.tls = tls;
    this.proxy = proxy;
  }

  /**
   * The URL if requests can be sent to it.
   *
   * @throws IllegalArgumentException if it is not http or https, names no host, or has user info or
   *     a fragment
   */
  public static URI checked(URI uri) {
    boolean http = "http".equalsIgnoreCase(uri.getScheme());
    if (!http && !"https".equalsIgnoreCase(uri.getScheme())
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawFragment() != null
        || uri.getPort() == 0
        || uri.getPort() > 65_535) {
      throw new IllegalArgumentException(
          "not an http:// or https:// URL of a host, without user info and fragment: "
              + Shown.line(uri.toString()));
    }
    return uri;
  }

  /**
   * Sends a request. The result ends within {@code limit}, fails with an {@link IOException} that
   * names the URL, and ends the request if it is cancelled.
   */
  public CompletableFuture<HttpResponse> send(HttpRequest request, Duration limit) {
    Origin origin = Origin.of(request.uri());
    String host = proxy == null ? origin.host() : proxy.host();
    int port = proxy == null ? origin.port() : proxy.port();
    long start = System.nanoTime();
    CompletableFuture<HttpResponse> result = new CompletableFuture<>();
    ScheduledFuture<?> timer;
    try {
      timer =
          loop.schedule(
              () -> {
                result.completeExceptionally(
                    new IOException(
                        request.uri() + ": the host " + host + " was not found within the time"));
              },
              limit.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.failedFuture(
          new IOException(request.uri() + " was not asked: closed"));
    }
    Hosts.lookup(host, origin.secure() ? tls : null, blocking)
        .whenComplete(
            (ips, unknown) -> {
              timer.cancel(false); // the exchange has its own
              if (result.isDone()) {
                return;
              }
              if (unknown != null) {
                result.completeExceptionally(
                    new IOException(request.uri() + ": the host " + host + " is not known"));
                return;
              }
              List<InetSocketAddress> addresses =
                  ips.stream().map(ip -> new InetSocketAddress(ip, port)).toList();
              CompletableFuture<HttpResponse> answer =
                  new HttpExchange(loop, addresses, request, proxy, tls)
                      .start(limit.minusNanos(System.nanoTime() - start));
              follow(answer, result);
            });
    return result;
  }

  /** {@code result} is that of {@code inner}, and cancels it if it ends before. */
  static <T> void follow(CompletableFuture<T> inner, CompletableFuture<T> result) {
    result.whenComplete((value, error) -> inner.cancel(false));
    inner.whenComplete(
        (value, error) -> {
          if (error == null) {
            result.complete(value);
          } else {
            result.completeExceptionally(error);
          }
        });
  }
}
