package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.testlab.Await;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recipients that do not keep up: only they lose, and only those who take nothing are let go. */
class SlowReaderTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int SMALL_BUFFER = 16 * 1024;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final SecretKey slowKey = SecretKey.generate();
  private final AtomicLong sent = new AtomicLong();
  private RelayServer relay;
  private RawPeer slow;
  private RawPeer flooder;
  private Thread flood;

  private static ResourceLeakDetector.Level level;

  /**
   * The paranoid level records a stack for every eight bytes that are unmasked: at a few MiB/s the
   * relay itself would be the slow one. Leaks under a flood are looked for in RelayServerTest.
   */
  @BeforeAll
  static void fullSpeed() {
    level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
  }

  @AfterAll
  static void restore() {
    ResourceLeakDetector.setLevel(level);
  }

  static byte[] frame(NodeId to, int payload) {
    byte[] frame = new byte[34 + payload];
    frame[0] = 4;
    System.arraycopy(to.toBytes(), 0, frame, 1, 32);
    return frame;
  }

  /** One client sends to another as fast as the relay takes it, until the test ends. */
  @BeforeEach
  void flood() throws Exception {
    relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    slow = RawPeer.connect(relay.boundAddress(), SMALL_BUFFER).authenticate(slowKey);
    flooder = RawPeer.connect(relay.boundAddress()).authenticate(SecretKey.generate());
    byte[] message = RawPeer.message(0x82, frame(slowKey.nodeId(), 1000), true);
    flood =
        new Thread(
            () -> {
              try {
                while (!stop.get()) {
                  flooder.write(message);
                  sent.incrementAndGet();
                }
              } catch (IOException relayClosed) {
                // the test is over
              }
            });
    flood.setDaemon(true);
    flood.start();
  }

  @AfterEach
  void end() throws Exception {
    stop.set(true);
    clock.shutdownNow();
    relay.close();
    slow.close();
    flooder.close();
    flood.join(5000);
  }

  private long metric(String name) {
    return relay.metrics().get(name);
  }

  @Test
  void oneWhoNeverReadsIsDroppedForAndThenLetGoWhileOthersGoOn() throws Exception {
    try (TestClient a = TestClient.connected(relay);
        TestClient b = TestClient.connected(relay)) {
      Await.until("a full queue", SOON, () -> metric("send_packets_dropped_queue_full") > 100);
      long worst = 0;
      int rounds = 0;
      while (metric("disconnects") == 0 && rounds < 5000) {
        long start = System.nanoTime();
        a.send(b.id(), "round " + rounds, 0);
        assertThat(b.next().data()).isEqualTo("round " + rounds);
        worst = Math.max(worst, System.nanoTime() - start);
        rounds++;
      }
      assertThat(rounds).isGreaterThan(10);
      assertThat(Duration.ofNanos(worst)).isLessThan(Duration.ofSeconds(2));
      Await.until("it is let go", SOON, () -> metric("disconnects") == 1);
      Await.until("unknown now", SOON, () -> metric("send_packets_dropped") > 0);
      assertThat(slow.ends()).isTrue();
      assertThat(relay.clients()).isEqualTo(3);
    }
  }

  @Test
  void framesAreCountedOnceForwardedOrDropped() throws Exception {
    Await.until("a full queue", SOON, () -> metric("send_packets_dropped_queue_full") > 1000);
    stop.set(true);
    flood.join(5000);
    assertThat(flooder.lives()).isTrue(); // everything before its pong has been judged
    assertThat(metric("bytes_sent")).isEqualTo(1000 * metric("send_packets_sent"));
    // 512 waiting, half a mebibyte in Netty, and what the two kernel buffers take.
    assertThat(metric("send_packets_sent")).isBetween(1000L, 20_000L);
    assertThat(
            metric("send_packets_sent")
                + metric("send_packets_dropped_queue_full")
                + metric("send_packets_dropped"))
        .isEqualTo(sent.get());
  }

  /**
   * Slower than its sender for many times the stall limit, but never standing still: the limit is
   * on progress, not on being behind.
   */
  @Test
  void oneWhoReadsSlowlyButSteadilyStays() throws Exception {
    AtomicLong read = new AtomicLong();
    AtomicBoolean lost = new AtomicBoolean();
    byte[] some = new byte[4 * 1024];
    clock.scheduleAtFixedRate(
        () -> {
          try {
            int n = slow.readSome(some);
            read.addAndGet(n);
            lost.compareAndSet(false, n < 0);
          } catch (IOException e) {
            lost.set(true);
          }
        },
        0,
        2,
        TimeUnit.MILLISECONDS);
    Await.until(
        "a full queue, or lost",
        SOON,
        () -> lost.get() || metric("send_packets_dropped_queue_full") > 100);
    long already = read.get();
    long after = System.nanoTime();
    Await.until(
        "six seconds more, or lost",
        SOON,
        () -> lost.get() || System.nanoTime() - after > 6_000_000_000L);
    assertThat(lost).isFalse();
    assertThat(read.get() - already).isGreaterThan(1_000_000);
    assertThat(metric("disconnects")).isZero();
  }

  /** One gulp and then nothing: progress once is no licence to stand still for ever. */
  @Test
  void oneWhoStopsReadingAfterAGulpIsLetGo() throws Exception {
    Await.until("a full queue", SOON, () -> metric("send_packets_dropped_queue_full") > 100);
    byte[] gulp = new byte[8 * 1024];
    for (int left = 150_000; left > 0; ) {
      left -= slow.readSome(gulp);
    }
    Await.until("it is let go", SOON, () -> metric("disconnects") == 1);
  }
}
