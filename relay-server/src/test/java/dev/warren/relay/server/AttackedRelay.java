package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayTrust;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.testlab.Await;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A relay, two healthy clients that talk through it, and whatever a test does to it. Closing
 * asserts that the two noticed nothing, that nobody else is left, and that memory came back.
 */
final class AttackedRelay implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  /** What the test itself and Netty's caches may have kept. */
  private static final long SLACK = 24 << 20;

  final RelayServer relay;
  private final HealthyPair pair;
  private final long before;

  private AttackedRelay(RelayServer relay, @Nullable RelayTrust trust) {
    this.relay = relay;
    this.pair = new HealthyPair(relay.url(), trust);
    this.before = memory();
  }

  static AttackedRelay start() throws Exception {
    return start(limits -> limits);
  }

  static AttackedRelay start(UnaryOperator<RelayLimits.Builder> limits) throws Exception {
    return start(
        RelayServer.builder().limits(limits.apply(RelayLimits.builder()).build()),
        (RelayTrust) null);
  }

  static AttackedRelay start(RelayServer.Builder builder, @Nullable RelayTrust trust)
      throws Exception {
    return new AttackedRelay(builder.bind(SocketAddrs.parse("127.0.0.1:0")), trust);
  }

  long metric(String name) {
    return relay.metrics().get(name);
  }

  /** A connection of an attacker. */
  RawPeer raw() throws IOException {
    return RawPeer.connect(relay.boundAddress());
  }

  /** The pair goes on for some rounds: what was done before has no late effect. */
  void goesOn() {
    int already = pair.rounds();
    Await.until("the healthy pair goes on", SOON, () -> pair.rounds() >= already + 3);
  }

  private static long memory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory()
        - runtime.freeMemory()
        + Math.max(0, PlatformDependent.usedDirectMemory());
  }

  @Override
  public void close() {
    try {
      Await.until("nobody but the pair", SOON, () -> relay.clients() == 2);
      goesOn();
      pair.close();
      Await.until("memory is back", SOON, () -> memory() < before + SLACK);
      assertThat(relay.clients()).isLessThanOrEqualTo(2);
    } finally {
      relay.close();
    }
  }
}
