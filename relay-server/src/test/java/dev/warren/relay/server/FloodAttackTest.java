package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.testlab.Await;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients with a proper id that send what they may, but as fast as they can. */
@Tag("attack")
@Timeout(60)
class FloodAttackTest {
  private static final int FRAMES = 100_000;

  private static ResourceLeakDetector.Level level;

  /** Paranoid, the detector would be slower than the flood; FrameAttackTest has it on. */
  @BeforeAll
  static void fullSpeed() {
    level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
  }

  @AfterAll
  static void restore() {
    ResourceLeakDetector.setLevel(level);
  }

  private static byte[] many(byte[] frame, int times) {
    byte[] one = RawPeer.message(0x82, frame, true);
    byte[] all = new byte[one.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    return all;
  }

  /** Writes until the relay cuts it, or it has written {@code times}. */
  private static void write(RawPeer peer, byte[] bytes, int times) {
    try {
      for (int i = 0; i < times; i++) {
        peer.write(bytes);
      }
    } catch (IOException cut) {
      // as the test looks for
    }
  }

  @Test
  void aPingFloodThatReadsItsPongsIsServed() throws Exception {
    byte[] pings = many(RawPeer.HEX.parseHex("090102030405060708"), 100);
    try (AttackedRelay attacked = AttackedRelay.start();
        RawPeer peer = attacked.raw().authenticate(SecretKey.generate())) {
      Thread flood = new Thread(() -> write(peer, pings, FRAMES / 100));
      flood.start();
      for (int i = 0; i < FRAMES; i++) {
        assertThat(peer.receive()).hasSize(9).startsWith(10);
      }
      flood.join(5000);
      assertThat(attacked.metric("got_ping")).isGreaterThanOrEqualTo(FRAMES);
      assertThat(peer.lives()).isTrue();
    }
  }

  @Test
  void aPingFloodThatReadsNothingIsCut() throws Exception {
    byte[] pings = many(RawPeer.HEX.parseHex("090102030405060708"), 1000);
    try (AttackedRelay attacked = AttackedRelay.start();
        RawPeer peer =
            RawPeer.connect(attacked.relay.boundAddress(), 4096)
                .authenticate(SecretKey.generate())) {
      Thread flood = new Thread(() -> write(peer, pings, 100_000));
      flood.setDaemon(true);
      flood.start();
      Await.until("cut", AttackedRelay.SOON, () -> attacked.relay.clients() == 2);
      flood.join(5000);
      assertThat(flood.isAlive()).isFalse();
    }
  }

  @Test
  void framesToThousandsWhoAreNotThereAreDroppedAndCounted() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    byte[] key = new byte[32];
    for (int i = 0; i < 1000; i++) {
      key[0] = (byte) i;
      key[1] = (byte) (i >> 8);
      frames.add(many(SlowReaderTest.frame(SecretKey.ofBytes(key).nodeId(), 100), FRAMES / 1000));
    }
    try (AttackedRelay attacked = AttackedRelay.start();
        RawPeer peer = attacked.raw().authenticate(SecretKey.generate())) {
      for (byte[] frame : frames) {
        peer.write(frame);
      }
      assertThat(peer.lives()).isTrue();
      assertThat(attacked.metric("send_packets_dropped")).isEqualTo(FRAMES);
    }
  }

  @Test
  void framesToOneWhoHasLeftAreDroppedAndCounted() throws Exception {
    SecretKey gone = SecretKey.generate();
    try (AttackedRelay attacked = AttackedRelay.start();
        RawPeer peer = attacked.raw().authenticate(SecretKey.generate())) {
      byte[] frame = SlowReaderTest.frame(gone.nodeId(), 10);
      try (RawPeer leaving = attacked.raw().authenticate(gone)) {
        peer.send(frame);
        assertThat(leaving.receive()).hasSize(44);
      }
      Await.until("it has left", AttackedRelay.SOON, () -> attacked.relay.clients() == 3);
      peer.write(many(frame, 10_000));
      assertThat(peer.lives()).isTrue();
      assertThat(attacked.metric("send_packets_dropped")).isEqualTo(10_000);
    }
  }

  @Test
  void aFloodOfDatagramsToOneWhoNeverReadsIsDroppedAndCounted() throws Exception {
    SecretKey deaf = SecretKey.generate();
    AtomicLong written = new AtomicLong();
    try (AttackedRelay attacked = AttackedRelay.start();
        RawPeer silent = RawPeer.connect(attacked.relay.boundAddress(), 4096).authenticate(deaf);
        RawPeer peer = attacked.raw().authenticate(SecretKey.generate())) {
      byte[] frames = many(SlowReaderTest.frame(deaf.nodeId(), 1200), 20);
      Thread flood =
          new Thread(
              () -> {
                while (attacked.relay.clients() == 4) {
                  write(peer, frames, 1);
                  written.addAndGet(20);
                }
              });
      flood.setDaemon(true);
      flood.start();
      Await.until(
          "drops",
          AttackedRelay.SOON,
          () -> attacked.metric("send_packets_dropped_queue_full") > 1000);
      attacked.goesOn();
      Await.until("cut", AttackedRelay.SOON, () -> attacked.relay.clients() == 3);
      flood.join(5000);
      assertThat(peer.lives()).isTrue();
    }
  }

  /** A sender that is faster than the limit is slowed down; who sends little is not. */
  @Test
  void aFloodBeyondTheRateIsSlowedDownAndNobodyElse() throws Exception {
    int rate = 1_000_000;
    byte[] frames = many(SlowReaderTest.frame(SecretKey.generate().nodeId(), 1000), 10);
    try (AttackedRelay attacked =
            AttackedRelay.start(limits -> limits.bytesPerSecond(rate).burstBytes(rate / 2));
        RawPeer peer = attacked.raw().authenticate(SecretKey.generate())) {
      long start = System.nanoTime();
      Thread flood = new Thread(() -> write(peer, frames, 100_000));
      flood.setDaemon(true);
      flood.start();
      long before = attacked.metric("bytes_recv");
      Await.until(
          "three seconds", AttackedRelay.SOON, () -> System.nanoTime() - start > 3_000_000_000L);
      double bytes = attacked.metric("bytes_recv") - before;
      double granted = rate * ((System.nanoTime() - start) / 1e9) + rate / 2.0;
      assertThat(bytes).isLessThan(granted + 600_000); // one receive buffer may overdraw it
      assertThat(bytes).isGreaterThan(rate);
      attacked.goesOn();
      assertThat(attacked.metric("conns_rx_ratelimited_total")).isEqualTo(1);
      peer.close();
      flood.join(5000);
    }
  }
}
