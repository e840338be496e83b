package dev.warren.discovery.dns;

import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.logic.Jitter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/** One node looked for under several origins at the same time. On the resolver's loop. */
final class OriginsLookup {
  private final DnsResolver resolver;
  private final ResolveSink sink;
  private final List<OriginLookup> lookups = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int left;
  private boolean answered;
  private boolean over;
  private Runnable onEnd = () -> {};

  /**
   * @param owners the node's name under each origin
   * @param reader makes an item of TXT records, or null if they say nothing
   */
  OriginsLookup(
      DnsResolver resolver,
      List<Name> owners,
      List<Duration> stagger,
      Function<List<Record>, @Nullable DiscoveryItem> reader,
      ResolveSink sink) {
    this.resolver = resolver;
    this.sink = sink;
    this.left = owners.size();
    for (Name owner : owners) {
      List<Duration> delays =
          stagger.stream().map(d -> Jitter.of(d, ThreadLocalRandom.current())).toList();
      lookups.add(new OriginLookup(resolver, owner, delays, reader, this));
    }
  }

  /** Begins; {@code onEnd} is told when it ends, however it does. */
  void start(Runnable onEnd) {
    this.onEnd = onEnd;
    run(() -> List.copyOf(lookups).forEach(OriginLookup::start));
  }

  void cancel() {
    run(
        () -> {
          over = true;
          lookups.forEach(OriginLookup::cancel);
          onEnd.run();
        });
  }

  /** The discovery is closed. */
  void close() {
    run(
        () -> {
          if (!over) {
            over = true;
            lookups.forEach(OriginLookup::cancel);
            end(() -> sink.failed(new IOException("the DNS discovery is closed")));
          }
        });
  }

  private void end(Runnable last) {
    onEnd.run();
    last.run();
  }

  private void run(Runnable task) {
    try {
      resolver.loop().execute(task);
    } catch (RejectedExecutionException closed) {
      end(() -> sink.failed(new IOException("the DNS discovery is closed")));
    }
  }

  /** One origin has ended: with an item, with nothing, or with failures alone. */
  void ended(@Nullable DiscoveryItem item, @Nullable String failure) {
    if (over) {
      return;
    }
    if (item != null) {
      sink.found(item);
    }
    answered |= failure == null;
    if (failure != null) {
      failures.add(failure);
    }
    if (--left == 0) {
      over = true;
      if (answered) {
        end(sink::done);
      } else {
        end(() -> sink.failed(new IOException(String.join("; ", failures))));
      }
    }
  }
}
