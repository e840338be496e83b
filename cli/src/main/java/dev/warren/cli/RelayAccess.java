package dev.warren.cli;

import dev.warren.base.Subscription;
import dev.warren.core.Endpoint;
import dev.warren.relay.client.RelayStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Whether our relay lets us in. A refusal is told as a warning; it ends the command if the relay is
 * the only way and has not let us in before. One that did, and whose token was changed since, will
 * let us in again. Any thread.
 */
final class RelayAccess implements AutoCloseable {
  private final Output out;
  private final boolean onlyWay;
  private final CompletableFuture<RelayRefusedException> refused = new CompletableFuture<>();
  private final AtomicReference<@Nullable String> warned = new AtomicReference<>();
  private final Subscription subscription;
  private volatile boolean wasOnline;

  private RelayAccess(Output out, Endpoint endpoint, boolean onlyWay) {
    this.out = out;
    this.onlyWay = onlyWay;
    this.subscription = endpoint.homeRelay().onChange(this::onStatus);
    onStatus(endpoint.homeRelay().get());
  }

  static RelayAccess watch(Output out, Endpoint endpoint, boolean onlyWay) {
    return new RelayAccess(out, endpoint, onlyWay);
  }

  private void onStatus(RelayStatus status) {
    if (status instanceof RelayStatus.Connected) {
      wasOnline = true;
      warned.set(null);
    } else if (status instanceof RelayStatus.NotAuthorized refusal) {
      onRefusal(new RelayRefusedException(refusal));
    }
  }

  private void onRefusal(RelayRefusedException refusal) {
    String message = String.valueOf(refusal.getMessage());
    if (onlyWay && !wasOnline) {
      refused.complete(refusal);
    } else if (!message.equals(warned.getAndSet(message))) {
      out.event("warning", "warning " + message, "kind", "relay-auth", "message", message);
    }
  }

  /** Runs when the refusal comes that ends the command, at once if it has. */
  void onEnd(Runnable end) {
    refused.thenRun(end);
  }

  /** As {@link #check()}, with a status that the listener may not have been told of yet. */
  void check(RelayStatus now) throws RelayRefusedException {
    onStatus(now);
    check();
  }

  /** Ends the command with the refusal, if there was one. */
  void check() throws RelayRefusedException {
    RelayRefusedException refusal = refused.getNow(null);
    if (refusal != null) {
      throw refusal;
    }
  }

  @Override
  public void close() {
    subscription.close();
  }
}
