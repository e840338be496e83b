package dev.warren.discovery.pkarr;

import dev.warren.base.SecretKey;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.logic.PublishSchedule;
import dev.warren.discovery.wire.HttpResponse;
import dev.warren.discovery.wire.PacketClock;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.SignedPacketException;
import dev.warren.discovery.wire.TxtRecords;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a signed packet of this node at a pkarr relay (discovery section 5.2): a new one whenever
 * what it says changes, and every five minutes, since relays forget. By default it tells the world
 * our relay and no address of ours.
 *
 * <p>Before the first packet it asks what the relay has of us. If that is dated later than now, be
 * it that a clock was or is wrong, ours follows it by a microsecond: an earlier one would be
 * ignored without a word. When there is nothing to say, nothing is sent; what was said before stays
 * until the relay forgets it.
 */
public final class PkarrPublisher implements Discovery {
  private static final Logger LOG = LoggerFactory.getLogger(PkarrPublisher.class);

  private final PkarrRelay relay;
  private final SecretKey key;
  private final AddrFilter filter;
  private final Duration ttl;
  private final PacketClock clock;
  private final LongAdder published = new LongAdder();
  private final LongAdder failed = new LongAdder();

  // What follows is used on the relay's loop only.
  private final PublishSchedule schedule;
  private TxtRecords records = TxtRecords.of(List.of(), null);
  private boolean known;
  private long last;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable CompletableFuture<?> request;

  private PkarrPublisher(PkarrRelay relay, Builder settings, SecretKey key) {
    this.relay = relay;
    this.key = key;
    this.filter = settings.filter;
    this.ttl = settings.ttl;
    this.clock = settings.clock;
    this.schedule = new PublishSchedule(settings.interval);
  }

  /**
   * Publishes at the relay at {@code base}, such as {@code https://dns.example.com/pkarr}.
   *
   * @throws IllegalArgumentException if it is no http or https URL
   */
  public static Builder builder(URI base) {
    return new Builder(base);
  }

  @Override
  public String name() {
    return PkarrResolver.NAME;
  }

  @Override
  public boolean resolves() {
    return false;
  }

  @Override
  public void publish(EndpointData self) {
    EndpointData shown = filter.apply(self);
    TxtRecords next = TxtRecords.of(shown.addrs(), shown.userData().orElse(null));
    onLoop(() -> changed(next));
  }

  private void changed(TxtRecords next) {
    if (next.equals(records)) {
      return;
    }
    records = next;
    if (!next.cutByOthers().isEmpty()) {
      LOG.warn(
          "values with a '=' are cut there by iroh when it reads them: {}", next.cutByOthers());
    }
    schedule.onChanged(!next.isEmpty(), System.nanoTime());
    step();
  }

  private void step() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (schedule.poll(System.nanoTime())) {
      send();
    } else if (schedule.due() != PublishSchedule.NEVER) {
      long in = Math.max(0, schedule.due() - System.nanoTime());
      timer = relay.loop().schedule(this::step, in, TimeUnit.NANOSECONDS);
    }
  }

  private void send() {
    if (known) {
      put();
    } else {
      ask();
    }
  }

  private void ask() {
    CompletableFuture<HttpResponse> answer = relay.get(key.nodeId());
    request = answer;
    answer.whenComplete((response, error) -> onLoop(() -> told(response, error)));
  }

  private void told(@Nullable HttpResponse response, @Nullable Throwable error) {
    if (response == null) {
      ended(error == null ? "no answer" : String.valueOf(error.getMessage()));
      return;
    }
    if (response.isOk()) {
      try {
        SignedPacket held = SignedPacket.fromRelayPayload(key.nodeId(), response.body());
        last = Long.compareUnsigned(held.timestamp(), last) > 0 ? held.timestamp() : last;
      } catch (SignedPacketException e) {
        LOG.debug("what {} holds of this node is no packet of it: {}", relay, e.getMessage());
      }
    }
    // Whatever else it answered: perhaps it takes packets and gives none.
    known = true;
    put();
  }

  private void put() {
    SignedPacket packet;
    try {
      last = clock.after(last);
      packet = records.sign(key, ttl, last);
    } catch (ArithmeticException | IllegalStateException e) {
      ended(e.getMessage());
      return;
    }
    CompletableFuture<HttpResponse> answer = relay.put(packet);
    request = answer;
    answer.whenComplete((response, error) -> onLoop(() -> taken(response, error)));
  }

  private void taken(@Nullable HttpResponse response, @Nullable Throwable error) {
    if (response == null) {
      ended(error == null ? "no answer" : String.valueOf(error.getMessage()));
    } else if (response.isOk()) {
      ended(null);
    } else {
      // 409, 412: it holds another packet than we think.
      known = response.status() != 409 && response.status() != 412;
      ended(relay.explain(response));
    }
  }

  private void ended(@Nullable String failure) {
    request = null;
    if (schedule.state() == PublishSchedule.State.CLOSED) {
      return;
    }
    if (failure == null) {
      published.increment();
      if (schedule.failures() > 0) {
        LOG.info("published at {} again", relay);
      }
      schedule.onSucceeded(System.nanoTime());
    } else {
      failed.increment();
      schedule.onFailed(System.nanoTime());
      if (schedule.failures() == 1) {
        LOG.warn("this node is not published at {}, which is tried again: {}", relay, failure);
      } else {
        LOG.debug("not published, attempt {}: {}", schedule.failures(), failure);
      }
    }
    step();
  }

  private void onLoop(Runnable task) {
    try {
      if (relay.loop().inEventLoop()) {
        task.run();
      } else {
        relay.loop().execute(task);
      }
    } catch (RejectedExecutionException closed) {
      LOG.debug("nothing is published any more at {}", relay);
    }
  }

  @Override
  public void networkChanged() {
    onLoop(
        () -> {
          schedule.onNetworkChanged(System.nanoTime());
          step();
        });
  }

  @Override
  public Map<String, Long> metrics() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("published", published.sum());
    all.put("failed", failed.sum());
    return all;
  }

  /** Ends the publishing; the relay keeps the last packet until it forgets it. */
  @Override
  public void close() {
    onLoop(
        () -> {
          schedule.onClosed();
          if (timer != null) {
            timer.cancel(false);
          }
          if (request != null) {
            request.completeExceptionally(new IOException("the pkarr publisher is closed"));
          }
        });
    relay.close();
  }

  /** Settings; hand it to an endpoint's builder. Not thread-safe. */
  public static final class Builder extends RelaySettings<Builder> implements Discovery.Factory {
    /** As iroh (discovery section 5.2). */
    private static final Duration INTERVAL = Duration.ofSeconds(300);

    private AddrFilter filter = AddrFilter.relayOnly();
    private Duration ttl = TxtRecords.DEFAULT_TTL;
    private Duration interval = INTERVAL;
    private PacketClock clock = PacketClock.system();

    private Builder(URI base) {
      super(base);
    }

    @Override
    Builder self() {
      return this;
    }

    /** What is published: relays only by default. */
    public Builder filter(AddrFilter choice) {
      this.filter = choice;
      return this;
    }

    /** How long resolvers may remember the records, in whole seconds; 30 s by default. */
    public Builder ttl(Duration time) {
      this.ttl = time;
      return this;
    }

    /** Between packets that say the same; 300 s by default. */
    public Builder interval(Duration time) {
      this.interval = time;
      return this;
    }

    Builder clock(PacketClock packets) {
      this.clock = packets;
      return this;
    }

    @Override
    public PkarrPublisher create(DiscoveryContext context) {
      return new PkarrPublisher(relay(context), this, context.secretKey());
    }
  }
}
