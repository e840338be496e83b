package dev.warren.magicsock;

import dev.warren.base.RelayUrl;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.HomeRelay;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.relay.client.RelayProbe;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.client.state.RelayFailure;
import io.netty.util.concurrent.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
    this.home = new HomeRelay(enabled ? config.relays : List.of(), new SecureRandom(), this);
    this.urls = home.relays();
    this.status =
        new WatchableValue<>(
            urls.isEmpty() ? new RelayStatus.Disabled() : new RelayStatus.Connecting(urls.get(0)),
            config.callbacks);
    this.reports =
        new RelayReports(
            socket.loop(),
            config.relayProxy == null
                ? new RelayProbe(socket.loop(), config.relayTrust, config.callbacks)
                : null,
            home,
            this::homeRtt,
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

  private OptionalLong homeRtt() {
    return home.connectedHome().flatMap(links::status).orElse(null)
                instanceof RelayStatus.Connected c
            && !c.rtt().isZero()
        ? OptionalLong.of(c.rtt().toNanos())
        : OptionalLong.empty();
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

  void onLost(RelayUrl url) {
    RelayStatus now = links.status(url).orElse(null);
    boolean away = now instanceof RelayStatus.Reconnecting r && r.kind() == RelayFailure.GOING_AWAY;
    home.onLost(url, away, System.nanoTime());
    settle();
  }

  /** The status of a connection is another. */
  void onStatus(RelayUrl url) {
    if (!closed) {
      if (links.status(url).orElse(null) instanceof RelayStatus.NotAuthorized) {
        home.onRefused(url, System.nanoTime());
      }
      settle();
    }
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
    urls = home.relays(); // our token may go there
    if (!closed && links.keep(url)) {
      // It was open for a peer's sake.
      socket.loop().execute(() -> alreadyConnected(url));
    }
  }

  private void alreadyConnected(RelayUrl url) {
    // If it was lost meanwhile, nobody would tell us so again: we would be at home where nobody is.
    if (links.isConnected(url)) {
      onConnected(url);
    }
  }

  @Override
  public void release(RelayUrl url) {
    links.release(url);
  }

  @Override
  public void homeChanged() {
    // Before it is told: who hears of it may read the counter next.
    for (; movesSeen < home.moves(); movesSeen++) {
      socket.metrics().count(Counter.RELAY_HOME_CHANGE);
    }
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
    socket.onOwnRelays();
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
    status.set(shown(connected.isPresent()));
  }

  /** What is most worth knowing: not a refusal, while another relay may let us in. */
  private RelayStatus shown(boolean connected) {
    RelayStatus refused = null;
    for (RelayUrl url : home.wanted()) {
      RelayStatus now = links.status(url).orElse(new RelayStatus.Connecting(url));
      if (now instanceof RelayStatus.NotAuthorized) {
        refused = refused == null ? now : refused;
      } else if (now instanceof RelayStatus.Connected && !connected) {
        // We are about to be told of it; the address does not name it yet.
        return new RelayStatus.Connecting(url);
      } else {
        return now;
      }
    }
    return refused == null ? looking() : refused;
  }

  private RelayStatus looking() {
    List<RelayUrl> ours = urls;
    return ours.isEmpty() ? new RelayStatus.Disabled() : new RelayStatus.Connecting(ours.get(0));
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
