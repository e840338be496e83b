package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proofs that prove nothing, and requests that are no requests. */
@Tag("attack")
class HandshakeAttackTest {
  private static final int TIMES = 100;
  private static final Duration SOON = Duration.ofSeconds(20);

  private final SecretKey victim = SecretKey.generate();

  private static byte[] challengeOf(RawPeer peer) throws IOException {
    peer.upgrade("iroh-relay-v2");
    return Arrays.copyOfRange(peer.receive(), 1, 17);
  }

  private static void isRefused(RawPeer peer, byte[] proof) throws IOException {
    assertThat(peer.send(proof).receiveHex())
        .isEqualTo("0311" + RawPeer.HEX.formatHex("signature invalid".getBytes(US_ASCII)));
    assertThat(peer.ends()).isTrue();
  }

  @Test
  void aReplayedProofIsRefused() throws Exception {
    try (AttackedRelay attacked = AttackedRelay.start();
        RawPeer own = attacked.raw()) {
      byte[] proof = Handshake.clientAuth(victim, challengeOf(own));
      assertThat(own.send(proof).receiveHex()).isEqualTo("02");
      for (int i = 0; i < TIMES; i++) {
        try (RawPeer replayer = attacked.raw()) {
          challengeOf(replayer);
          isRefused(replayer, proof);
        }
      }
      assertThat(own.lives()).isTrue();
      assertThat(attacked.metric("refused_signature")).isEqualTo(TIMES);
    }
  }

  @Test
  void aProofForAnotherRelayIsRefused() throws Exception {
    try (AttackedRelay attacked = AttackedRelay.start();
        RelayServer other = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"))) {
      for (int i = 0; i < TIMES; i++) {
        try (RawPeer atOther = RawPeer.connect(other.boundAddress());
            RawPeer peer = attacked.raw()) {
          byte[] proof = Handshake.clientAuth(SecretKey.generate(), challengeOf(atOther));
          challengeOf(peer);
          isRefused(peer, proof);
          assertThat(atOther.send(proof).receiveHex()).isEqualTo("02");
        }
      }
      assertThat(attacked.metric("refused_signature")).isEqualTo(TIMES);
    }
  }

  /** All at once, each good enough to be looked at: its key is one, its signature another's. */
  @Test
  void aWaveOfWrongProofsHoldsNobodyUp() throws Exception {
    int wave = 5 * TIMES;
    List<RawPeer> attackers = new ArrayList<>();
    try (AttackedRelay attacked = AttackedRelay.start();
        RawPeer client = attacked.raw().authenticate(SecretKey.generate())) {
      byte[] wrong = Handshake.clientAuth(victim, new byte[Handshake.CHALLENGE]);
      for (int i = 0; i < wave; i++) {
        RawPeer attacker = attacked.raw();
        attackers.add(attacker);
        challengeOf(attacker);
      }
      for (RawPeer attacker : attackers) {
        attacker.send(wrong);
      }
      assertThat(client.lives()).isTrue();
      try (RawPeer next = attacked.raw()) {
        assertThat(next.authenticate(SecretKey.generate()).lives()).isTrue();
      }
      Await.until("all are refused", SOON, () -> attacked.metric("refused_signature") == wave);
      assertThat(attacked.metric("refused_proofs")).isZero();
    } finally {
      for (RawPeer attacker : attackers) {
        attacker.close();
      }
    }
  }

  /**
   * What the header proves, it proves for one TLS session: elsewhere it is as if it were absent.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aProofForAnotherTlsSessionIsAsGoodAsNone(boolean withTls) throws Exception {
    byte[] proof = new byte[113];
    System.arraycopy(victim.nodeId().toBytes(), 0, proof, 0, 32);
    proof[32] = 64;
    byte[] exported = new byte[16];
    System.arraycopy(victim.sign(exported), 0, proof, 33, 64);
    String header = Base64.getUrlEncoder().withoutPadding().encodeToString(proof);
    try (TlsFixture tls = TlsFixture.create();
        AttackedRelay attacked =
            withTls
                ? AttackedRelay.start(tls.builder(limits -> limits), tls.trust())
                : AttackedRelay.start();
        Socket socket =
            withTls
                ? TlsFixture.connect(attacked.relay.boundAddress())
                : new Socket("127.0.0.1", attacked.relay.boundAddress().getPort());
        RawPeer peer = RawPeer.over(socket)) {
      peer.write(
          RawPeer.request("iroh-relay-v2")
              .replace("\r\n\r\n", "\r\nX-Iroh-Relay-Client-Auth-V1: " + header + "\r\n\r\n")
              .getBytes(US_ASCII));
      assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
      assertThat(peer.receive()).hasSize(17).startsWith(0);
      assertThat(attacked.relay.clients()).isEqualTo(2);
    }
  }

  @Test
  void anAuthorizationOfAMebibyteIsAnsweredAndForgotten() throws Exception {
    byte[] request =
        RawPeer.request("iroh-relay-v2")
            .replace("\r\n\r\n", "\r\nAuthorization: Bearer " + "x".repeat(1 << 20) + "\r\n\r\n")
            .getBytes(US_ASCII);
    try (AttackedRelay attacked = AttackedRelay.start()) {
      for (int i = 0; i < TIMES; i++) {
        try (RawPeer peer = attacked.raw()) {
          try {
            assertThat(peer.write(request).head()).startsWith("HTTP/1.1 431 ");
          } catch (SocketException cut) {
            // It may also be cut while it still writes.
          }
          assertThat(peer.ends()).isTrue();
        }
      }
      assertThat(attacked.metric("http_bad_requests")).isEqualTo(TIMES);
    }
  }

  @Test
  void aClientCertificateIsNotAskedForAndChangesNothing() throws Exception {
    try (TlsFixture tls = TlsFixture.create();
        AttackedRelay attacked = AttackedRelay.start(tls.builder(limits -> limits), tls.trust());
        SSLSocket socket =
            TlsFixture.connect(attacked.relay.boundAddress(), tls.clientCertificate());
        RawPeer peer = RawPeer.over(socket)) {
      assertThat(socket.getSession().getLocalCertificates()).isNull();
      assertThat(peer.authenticate(SecretKey.generate()).lives()).isTrue();
    }
  }

  @Test
  void whatIsNoTlsAtTheTlsPortEndsItsConnection() throws Exception {
    List<String> starts =
        List.of(
            "", // zeros
            "00",
            "ff",
            "474554202f2072656c6179", // an HTTP request
            "1503010002010a", // an alert
            "16030100040b000000", // a certificate
            "1603014001", // a record that is too long
            "8080010301"); // SSL 2
    try (TlsFixture tls = TlsFixture.create();
        AttackedRelay attacked = AttackedRelay.start(tls.builder(limits -> limits), tls.trust())) {
      for (int i = 0; i < TIMES; i++) {
        String start = starts.get(i % starts.size());
        try (RawPeer peer = attacked.raw()) {
          try {
            peer.write(RawPeer.HEX.parseHex(start + "0d0a0d0a" + "00".repeat(20_000)));
          } catch (SocketException cut) {
            // It may be cut while it still writes.
          }
          assertThat(peer.ends()).as(start).isTrue();
        }
      }
      assertThat(attacked.metric("tls_failures")).isGreaterThanOrEqualTo(TIMES);
    }
  }
}
