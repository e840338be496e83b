package dev.warren.magicsock;

import dev.warren.base.RelayUrl;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.HomeRelay;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.relay.client.RelayProbe;
import dev.warren.relay.client.RelayStatus;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Our relays: carries out what {@link HomeRelay} decides and tells the world which one is home. The
 * connections themselves are in {@link RelayLinks}. Socket loop only, but for what says otherwise.
 */
final class OwnRelays implements HomeRelay.Orders {
  private final MagicSocket socket;
  private final RelayLinks links;
  private final HomeRelay home;
  private final RelayReports reports;
  private final WatchableValue<RelayStatus> status;
  private final boolean enabled;
  private @Nullable Future<?> timer;
  private long timerAt = UdpPath.NEVER;
  private long movesSeen;
  private boolean closed;

  /** The home that our address names. */
  private Optional<RelayUrl> published = Optional.empty();

  // Any thread.
  private volatile List<RelayUrl> urls;
  private volatile Map<RelayUrl, Duration> latencies = Map.of();

  OwnRelays(MagicSocket socket, MagicSocketBuilder config, RelayLinks links) {
    this.socket = socket;
    this.links = links;
    this.enabled = config.relay;
    this.home = new HomeRelay(enabled ? config.relays : List.of(), this);
    this.urls = home.relays();
    this.status =
        new WatchableValue<>(
            urls.isEmpty() ? new RelayStatus.Disabled() : new RelayStatus.Connecting(urls.get(0)),
            config.callbacks);
    this.reports =
        new RelayReports(
            socket.loop(),
            new RelayProbe(socket.loop(), config.relayTrust, config.callbacks),
            home,
            socket.metrics(),
            this::settle);
  }

  void start() {
    if (enabled) {
      socket.onLoop(
          () -> {
            home.onStart(System.nanoTime());
            settle();
          });
    }
  }

  // ---- any thread ----

  /** How the connection to home stands; while there is none, that to the relay it will be. */
  Watcher<RelayStatus> status() {
    return status;
  }

  /** The relay that others may use for us: connected, or none. */
  Optional<RelayUrl> connectedHome() {
    return status.get() instanceof RelayStatus.Connected c
        ? Optional.of(c.url())
        : Optional.empty();
  }

  List<RelayUrl> urls() {
    return urls;
  }

  /** The round trip to each relay that answered in the last report. */
  Map<RelayUrl, Duration> latencies() {
    return latencies;
  }

  /** Where to try a peer of whom nothing is known: it may be on our relay. */
  Optional<RelayUrl> defaultRelay() {
    return connectedHome().or(() -> urls.stream().findFirst());
  }

  void insert(RelayUrl url) {
    if (enabled) {
      socket.onLoop(
          () -> {
            home.insert(url, System.nanoTime());
            settle();
          });
    }
  }

  void remove(RelayUrl url) {
    socket.onLoop(
        () -> {
          home.remove(url, System.nanoTime());
          settle();
        });
  }

  // ---- facts ----

  void onConnected(RelayUrl url) {
    home.onConnected(url, System.nanoTime());
    settle();
  }

  /** Lost, or an attempt failed. */
  void onLost(RelayUrl url) {
    home.onLost(url, System.nanoTime());
    settle();
  }

  void networkChanged() {
    socket.publishAddr(home.connectedHome());
    home.onNetworkChange(System.nanoTime());
    settle();
  }

  boolean keeps(RelayUrl url) {
    return home.keeps(url);
  }

  // ---- orders ----

  @Override
  public void keep(RelayUrl url) {
    if (!closed && links.open(url) && links.isConnected(url)) {
      // It was open for a peer's sake.
      socket.loop().execute(() -> onConnected(url));
    }
  }

  @Override
  public void release(RelayUrl url) {
    links.release(url);
  }

  @Override
  public void homeChanged() {
    publish();
    if (home.connectedHome().isPresent()) {
      socket.announce();
    }
  }

  @Override
  public void report() {
    if (!closed) {
      reports.request(true);
    }
  }

  // ---- after each event ----

  /** Shows what is so now, and sets the timer. */
  private void settle() {
    if (closed) {
      return;
    }
    urls = home.relays();
    Map<RelayUrl, Duration> measured = new HashMap<>();
    for (RelayUrl url : urls) {
      home.latencies().latest(url).ifPresent(n -> measured.put(url, Duration.ofNanos(n)));
    }
    latencies = Map.copyOf(measured);
    for (; movesSeen < home.moves(); movesSeen++) {
      socket.metrics().count(Counter.RELAY_HOME_CHANGE);
    }
    publish();
    schedule();
  }

  /** The status of home, or of what is to become it. */
  void publish() {
    if (closed) {
      return;
    }
    Optional<RelayUrl> connected = home.connectedHome();
    // First the address: who waited for the relay reads it next, and it must name that relay.
    if (!connected.equals(published)) {
      published = connected;
      socket.publishAddr(connected);
    }
    RelayUrl url = home.wanted().orElse(null);
    if (url == null) {
      status.set(new RelayStatus.Disabled());
      return;
    }
    RelayStatus now = links.status(url).orElse(new RelayStatus.Connecting(url));
    // A connection that we were not told of yet: the address does not name it.
    if (!(now instanceof RelayStatus.Connected) || connected.isPresent()) {
      status.set(now);
    }
  }

  private void schedule() {
    long due = home.deadline();
    if (due == timerAt) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    timerAt = due;
    if (due != UdpPath.NEVER) {
      long in = Math.max(0, due - System.nanoTime());
      timer = socket.loop().schedule(this::onTimer, in, TimeUnit.NANOSECONDS);
    }
  }

  private void onTimer() {
    timerAt = UdpPath.NEVER;
    home.onTimer(System.nanoTime());
    settle();
  }

  void close() {
    closed = true;
    reports.close();
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
