package dev.warren.magicsock;

import static dev.warren.magicsock.logic.UdpPath.NEVER;

import dev.warren.base.stun.StunFormatException;
import dev.warren.base.stun.StunMessage;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.ReflexiveAddress;
import dev.warren.magicsock.logic.UdpPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from STUN servers what our sockets look like from outside: one {@link ReflexiveAddress} a
 * family. Servers are those that were named, and the hosts of our relays. Requests leave by the
 * sockets themselves, since it is their mapping that counts. Socket loop only, but for what says
 * otherwise.
 */
final class StunReports {
  private static final Logger LOG = LoggerFactory.getLogger(StunReports.class);

  /** Where relays serve STUN (net-report section 1). */
  static final int RELAY_STUN_PORT = 3478;

  /** Names are looked up again so often, and on every change of the network. */
  private static final long RESOLVE_EVERY = Duration.ofMinutes(5).toNanos();

  private static final int MAX_SERVERS = 8;
  private static final int TRANSACTION = StunMessage.TRANSACTION;

  private final EventLoop loop;
  private final Egress egress;
  private final Executor resolving;
  private final MagicSocketMetrics metrics;
  private final List<InetSocketAddress> named;
  private final Supplier<List<String>> relayHosts;
  private final Runnable changed;
  private final SecureRandom random = new SecureRandom();
  private final ReflexiveAddress v4;
  private final ReflexiveAddress v6;
  private boolean has4;
  private boolean has6;
  private @Nullable Future<?> timer;
  private long timerAt = NEVER;
  private long resolvedAt = NEVER;
  private List<String> resolvedHosts = List.of();
  private boolean resolvingNow;
  private boolean closed;

  /**
   * {@code relayHosts} gives the hosts of our relays, the nearest first; {@code changed} hears that
   * {@link #addresses} or a report is another.
   */
  StunReports(
      MagicSocketBuilder config,
      Egress egress,
      MagicSocketMetrics metrics,
      Supplier<List<String>> relayHosts,
      Runnable changed) {
    this.loop = config.eventLoop;
    this.egress = egress;
    this.resolving = config.callbacks;
    this.metrics = metrics;
    this.named = config.stunServers;
    this.relayHosts = relayHosts;
    this.changed = changed;
    this.v4 = new ReflexiveAddress(new Asking(), this::transaction, random);
    this.v6 = new ReflexiveAddress(new Asking(), this::transaction, random);
  }

  private byte[] transaction() {
    byte[] bytes = new byte[TRANSACTION];
    random.nextBytes(bytes);
    return bytes;
  }

  private final class Asking implements ReflexiveAddress.Orders {
    @Override
    public void ask(InetSocketAddress server, byte[] transaction) {
      metrics.count(Counter.SENT_STUN);
      egress.sendStun(server, Unpooled.wrappedBuffer(StunMessage.bindingRequest(transaction)));
    }

    @Override
    public void changed() {
      changed.run();
    }
  }

  // ---- what is known ----

  /** Our addresses as others see them. */
  List<InetSocketAddress> addresses() {
    List<InetSocketAddress> all = new ArrayList<>();
    v4.report().address().ifPresent(all::add);
    v6.report().address().ifPresent(all::add);
    return all;
  }

  ReflexiveAddress.Report v4() {
    return v4.report();
  }

  ReflexiveAddress.Report v6() {
    return v6.report();
  }

  // ---- events ----

  void start(boolean withV4, boolean withV6) {
    has4 = withV4;
    has6 = withV6;
    if (has4 || has6) {
      resolve();
    }
  }

  /** Our relays are others, or another is home. */
  void onRelays() {
    if ((has4 || has6) && !relayHosts.get().equals(resolvedHosts)) {
      resolve();
    }
  }

  void onNetworkChange() {
    if (!has4 && !has6 || closed) {
      return;
    }
    long now = System.nanoTime();
    v4.onNetworkChange(now);
    v6.onNetworkChange(now);
    arm();
    resolve();
  }

  /** A direct path was lost. */
  void onPathLost() {
    long now = System.nanoTime();
    v4.onDoubt(now);
    v6.onDoubt(now);
    arm();
  }

  /** A STUN message. Takes ownership. */
  void onDatagram(InetSocketAddress from, ByteBuf datagram) {
    metrics.count(Counter.RECV_STUN);
    try {
      StunMessage message = StunMessage.parse(datagram.nioBuffer());
      boolean expected =
          message.type() == StunMessage.BINDING_SUCCESS
              && message
                  .mappedAddress()
                  .filter(
                      mapped -> mapped.getPort() != 0 && !mapped.getAddress().isAnyLocalAddress())
                  .filter(mapped -> onAnswer(message.transaction(), from, mapped))
                  .isPresent();
      if (!expected) {
        metrics.count(Counter.RECV_STUN_UNEXPECTED);
      }
    } catch (StunFormatException e) {
      metrics.count(Counter.RECV_STUN_UNEXPECTED);
    } finally {
      datagram.release();
    }
  }

  private boolean onAnswer(byte[] transaction, InetSocketAddress from, InetSocketAddress mapped) {
    boolean four = from.getAddress() instanceof Inet4Address;
    if (four != mapped.getAddress() instanceof Inet4Address) {
      return false;
    }
    boolean taken = (four ? v4 : v6).onAnswer(transaction, from, mapped, System.nanoTime());
    arm();
    return taken;
  }

  // ---- names ----

  private void resolve() {
    if (resolvingNow || closed) {
      return;
    }
    resolvingNow = true;
    resolvedAt = System.nanoTime();
    List<String> hosts = relayHosts.get();
    try {
      resolving.execute(() -> resolved(hosts, lookUp(hosts)));
    } catch (RejectedExecutionException closing) {
      resolvingNow = false;
    }
  }

  /** Blocks; on the callback executor. */
  private Set<InetSocketAddress> lookUp(List<String> hosts) {
    Set<InetSocketAddress> found = new LinkedHashSet<>();
    named.forEach(server -> lookUp(server.getHostString(), server.getPort(), true, found));
    hosts.forEach(host -> lookUp(host, RELAY_STUN_PORT, false, found));
    return found;
  }

  private static void lookUp(String host, int port, boolean named, Set<InetSocketAddress> found) {
    try {
      for (InetAddress ip : InetAddress.getAllByName(host)) {
        // A relay on this machine sees nothing of a NAT.
        if (named || !ip.isLoopbackAddress()) {
          found.add(new InetSocketAddress(ip, port));
        }
      }
    } catch (UnknownHostException e) {
      LOG.debug("STUN server {}: {}", host, e.toString());
    }
  }

  private void resolved(List<String> hosts, Set<InetSocketAddress> found) {
    try {
      loop.execute(() -> onResolved(hosts, List.copyOf(found)));
    } catch (RejectedExecutionException loopIsGone) {
      LOG.debug("after the end: STUN servers");
    }
  }

  private void onResolved(List<String> hosts, List<InetSocketAddress> found) {
    resolvingNow = false;
    if (closed) {
      return;
    }
    resolvedHosts = hosts;
    long now = System.nanoTime();
    v4.onServers(has4 ? ofFamily(found, true) : List.of(), now);
    v6.onServers(has6 ? ofFamily(found, false) : List.of(), now);
    arm();
    onRelays(); // they may have changed meanwhile
  }

  private static List<InetSocketAddress> ofFamily(List<InetSocketAddress> all, boolean four) {
    return all.stream()
        .filter(a -> four == a.getAddress() instanceof Inet4Address)
        .limit(MAX_SERVERS)
        .toList();
  }

  // ---- time ----

  private void arm() {
    long at = UdpPath.earlier(v4.deadline(), v6.deadline());
    if (closed || at == NEVER || timer != null && !timer.isDone() && timerAt - at == 0) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerAt = at;
    timer = loop.schedule(this::onTimer, Math.max(0, at - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    timer = null;
    long now = System.nanoTime();
    v4.onTimer(now);
    v6.onTimer(now);
    if (now - resolvedAt >= RESOLVE_EVERY) {
      resolve();
    }
    arm();
  }

  void close() {
    closed = true;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  public String toString() {
    return Arrays.asList(v4.report(), v6.report()).toString();
  }
}
