package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.relay.server.access.AccessControl;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tokens that are no longer good, or never were. */
@Tag("attack")
class TokenAttackTest {
  private final SecretKey key = SecretKey.generate();

  private static String answer(RawPeer peer, String token, SecretKey key) throws IOException {
    peer.write(
        RawPeer.request("iroh-relay-v2")
            .replace("GET /relay ", "GET /relay?token=" + token + " ")
            .getBytes(US_ASCII));
    assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
    return peer.prove(key);
  }

  /**
   * Access is decided once: a connection outlives its token, does not come back without a good one,
   * and is cut by whoever revokes it.
   */
  @Test
  void aTokenThatExpiresInMidConnection() throws Exception {
    AtomicReference<AccessControl> good =
        new AtomicReference<>(AccessControl.sharedTokens(List.of("old")));
    AccessControl control =
        request ->
            request.token().isEmpty()
                ? AccessControl.everyone().onConnect(request) // the healthy pair
                : good.get().onConnect(request);
    try (AttackedRelay attacked = AttackedRelay.start(RelayServer.builder().access(control), null);
        RawPeer peer = attacked.raw();
        RawPeer late = attacked.raw();
        RawPeer renewed = attacked.raw()) {
      assertThat(answer(peer, "old", key)).isEqualTo("02");
      good.set(AccessControl.sharedTokens(List.of("new")));
      assertThat(peer.lives()).isTrue();
      assertThat(answer(late, "old", key)).startsWith("03");
      assertThat(late.ends()).isTrue();
      assertThat(peer.lives()).isTrue();
      assertThat(attacked.relay.disconnect(key.nodeId())).isTrue();
      assertThat(peer.ends()).isTrue();
      assertThat(answer(renewed, "new", key)).isEqualTo("02");
    }
  }

  @Test
  void guessingTokensGetsNobodyInAndIsCounted() throws Exception {
    AccessControl control =
        request ->
            request.token().isEmpty()
                ? AccessControl.everyone().onConnect(request)
                : AccessControl.sharedTokens(List.of("s3cret")).onConnect(request);
    try (AttackedRelay attacked =
        AttackedRelay.start(RelayServer.builder().access(control), null)) {
      for (int i = 0; i < 300; i++) {
        try (RawPeer guesser = attacked.raw()) {
          assertThat(answer(guesser, "s3cre" + i, SecretKey.generate())).startsWith("03");
        }
      }
      assertThat(attacked.metric("refused_access")).isEqualTo(300);
    }
  }
}
