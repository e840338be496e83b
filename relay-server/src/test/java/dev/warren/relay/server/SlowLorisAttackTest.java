package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Connections that never finish what they begin, one byte at a time: each stage has a limit that
 * progress does not extend.
 */
@Tag("attack")
class SlowLorisAttackTest {
  private static final int ATTACKERS = 200;
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
  private final List<RawPeer> attackers = new ArrayList<>();

  @AfterEach
  void end() throws IOException {
    drip.shutdownNow();
    for (RawPeer attacker : attackers) {
      attacker.close();
    }
  }

  private static AttackedRelay relay() throws Exception {
    return AttackedRelay.start(limits -> limits.establishTime(LIMIT).handshakeTime(LIMIT));
  }

  private interface Start {
    void of(RawPeer attacker) throws Exception;
  }

  private void attack(AttackedRelay attacked, Start start) throws Exception {
    for (int i = 0; i < ATTACKERS; i++) {
      RawPeer attacker = attacked.raw();
      attackers.add(attacker);
      start.of(attacker);
    }
  }

  /** Sends {@code bytes} to the relay by ones, on every connection, as long as there are any. */
  private void drip(byte[] bytes) {
    int[] next = new int[1];
    drip.scheduleWithFixedDelay(
        () -> {
          byte[] one = {bytes[next[0]++ % bytes.length]};
          for (RawPeer attacker : attackers) {
            try {
              attacker.write(one);
            } catch (IOException cut) {
              // as it should be
            }
          }
        },
        0,
        50,
        TimeUnit.MILLISECONDS);
  }

  private void allAreCut(AttackedRelay attacked, String counter) throws IOException {
    Await.until("all cut", AttackedRelay.SOON, () -> attacked.metric(counter) >= attackers.size());
    for (RawPeer attacker : attackers) {
      assertThat(attacker.ends()).isTrue();
    }
  }

  @Test
  void whoConnectsAndSaysNothingIsCut() throws Exception {
    try (AttackedRelay attacked = relay()) {
      attack(attacked, attacker -> {});
      allAreCut(attacked, "http_establish_timeouts");
    }
  }

  @Test
  void whoSendsHeadersByteByByteIsCut() throws Exception {
    try (AttackedRelay attacked = relay()) {
      attack(attacked, attacker -> {});
      drip(("GET /relay HTTP/1.1\r\nHost: relay\r\nX: " + "x".repeat(1000)).getBytes(US_ASCII));
      allAreCut(attacked, "http_establish_timeouts");
    }
  }

  @Test
  void whoSendsItsClientHelloByteByByteIsCut() throws Exception {
    try (TlsFixture tls = TlsFixture.create();
        AttackedRelay attacked =
            AttackedRelay.start(
                tls.builder(limits -> limits.establishTime(LIMIT).handshakeTime(LIMIT)),
                tls.trust())) {
      attack(attacked, attacker -> {});
      byte[] hello = new byte[5 + 512];
      System.arraycopy(HexFormat.of().parseHex("1603010200010001fc0303"), 0, hello, 0, 11);
      drip(hello);
      allAreCut(attacked, "tls_failures");
    }
  }

  @Test
  void whoSendsItsProofByteByByteIsCut() throws Exception {
    SecretKey key = SecretKey.generate();
    try (AttackedRelay attacked = relay()) {
      attack(
          attacked,
          attacker -> {
            attacker.upgrade("iroh-relay-v2");
            attacker.receive();
          });
      byte[] proof = RawPeer.message(0x82, Handshake.clientAuth(key, new byte[16]), true);
      drip(Arrays.copyOf(proof, proof.length - 1));
      allAreCut(attacked, "refused_timeout");
    }
  }

  @Test
  void whoKeepsAliveByWebSocketPingsButProvesNothingIsCut() throws Exception {
    try (AttackedRelay attacked = relay()) {
      attack(
          attacked,
          attacker -> {
            attacker.upgrade("iroh-relay-v2");
            attacker.receive();
          });
      drip(RawPeer.message(0x89, new byte[0], true));
      allAreCut(attacked, "refused_timeout");
    }
  }
}
