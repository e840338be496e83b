package dev.warren.relay.client;

import dev.warren.base.RelayUrl;
import dev.warren.relay.client.io.PingChannel;
import dev.warren.relay.client.logic.AddressOrder;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Measures how far a relay is: one {@code GET /ping} over a connection of its own, with the trust
 * of a {@link RelayClient} (net-report section 2.1). The result is the round trip of the request
 * alone; name look-up, TCP and TLS are not in it, as they say more of the machines than of the way.
 *
 * <p>Any thread; what is measured runs on the event loop, look-ups on the executor.
 */
public final class RelayProbe {
  private final EventLoop loop;
  private final RelayTrust trust;
  private final Executor lookups;

  /** {@code loop} must be a NIO or epoll loop; {@code lookups} runs blocking name look-ups. */
  public RelayProbe(EventLoop loop, RelayTrust trust, Executor lookups) {
    this.loop = loop;
    this.trust = trust;
    this.lookups = lookups;
  }

  /**
   * The round trip; fails with an {@link IOException} if the relay cannot be reached or answers
   * anything but success, with a {@link TimeoutException} after {@code limit}. Cancelling it closes
   * the connection. Completes on the event loop or the executor.
   */
  public CompletableFuture<Duration> measure(RelayUrl url, Duration limit) {
    CompletableFuture<Duration> result = new CompletableFuture<>();
    try {
      lookups.execute(() -> resolve(url, result));
      var timer =
          loop.schedule(
              () -> result.completeExceptionally(new TimeoutException(url + " did not answer")),
              limit.toMillis(),
              TimeUnit.MILLISECONDS);
      result.whenComplete((rtt, failure) -> timer.cancel(false));
    } catch (RejectedExecutionException closing) {
      result.completeExceptionally(new IOException("closed", closing));
    }
    return result;
  }

  private void resolve(RelayUrl url, CompletableFuture<Duration> result) {
    try {
      List<InetSocketAddress> addresses =
          AddressOrder.interleaved(List.of(InetAddress.getAllByName(url.host())), 0).stream()
              .map(address -> new InetSocketAddress(address, url.port()))
              .toList();
      loop.execute(
          () -> {
            if (!result.isDone()) {
              PingChannel.open(
                  loop, addresses, url, url.isSecure() ? trust.context() : null, result);
            }
          });
    } catch (UnknownHostException e) {
      result.completeExceptionally(new IOException("the host " + url.host() + " is unknown", e));
    } catch (RejectedExecutionException loopIsGone) {
      result.completeExceptionally(new IOException("closed", loopIsGone));
    }
  }
}
