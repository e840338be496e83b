package dev.warren.discovery.dns;

import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.logic.StaggeredAttempts;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** The staggered attempts under one origin. On the resolver's loop. */
final class OriginLookup {
  private final DnsResolver resolver;
  private final Name owner;
  private final Function<List<Record>, @Nullable DiscoveryItem> reader;
  private final OriginsLookup parent;
  private final StaggeredAttempts attempts;
  private final List<CompletableFuture<?>> running = new ArrayList<>();
  private final Set<String> failures = new LinkedHashSet<>();
  private boolean nothing;
  private @Nullable ScheduledFuture<?> timer;

  OriginLookup(
      DnsResolver resolver,
      Name owner,
      List<Duration> delays,
      Function<List<Record>, @Nullable DiscoveryItem> reader,
      OriginsLookup parent) {
    this.resolver = resolver;
    this.owner = owner;
    this.reader = reader;
    this.parent = parent;
    this.attempts = new StaggeredAttempts(System.nanoTime(), delays);
  }

  void start() {
    step();
  }

  private void step() {
    long now = System.nanoTime();
    for (OptionalInt next = attempts.poll(now); next.isPresent(); next = attempts.poll(now)) {
      attempt(next.getAsInt());
    }
    long due = attempts.due();
    if (due != StaggeredAttempts.NEVER) {
      timer =
          resolver
              .loop()
              .schedule(this::step, Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
  }

  private void attempt(int number) {
    CompletableFuture<List<Record>> lookup = resolver.lookup(owner, Type.TXT, number);
    running.add(lookup);
    lookup.whenComplete((records, error) -> onLoop(() -> ended(records, error)));
  }

  private void onLoop(Runnable task) {
    if (resolver.loop().inEventLoop()) {
      task.run();
      return;
    }
    try {
      resolver.loop().execute(task);
    } catch (RejectedExecutionException closed) {
      // The close has ended this lookup.
    }
  }

  private void ended(@Nullable List<Record> records, @Nullable Throwable error) {
    if (attempts.state() != StaggeredAttempts.State.RUNNING) {
      return;
    }
    DiscoveryItem item = records == null || records.isEmpty() ? null : reader.apply(records);
    if (item != null) {
      attempts.onSucceeded();
      stop();
      parent.ended(item, null);
      return;
    }
    if (error == null) {
      nothing = true;
    } else {
      failures.add(String.valueOf(error.getMessage()));
    }
    attempts.onFailed();
    if (attempts.state() == StaggeredAttempts.State.LOST) {
      stop();
      parent.ended(null, nothing ? null : String.join("; ", failures));
    }
  }

  void cancel() {
    attempts.onCancelled();
    stop();
  }

  private void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
    List.copyOf(running).forEach(lookup -> lookup.cancel(false));
  }
}
