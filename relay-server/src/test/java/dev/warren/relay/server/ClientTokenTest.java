package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.testlab.Await;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client whose relay wants a token. */
class ClientTokenTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final AtomicReference<String> token = new AtomicReference<>("wrong");
  private final AtomicInteger asked = new AtomicInteger();
  private RelayServer relay;

  @BeforeEach
  void bind() throws Exception {
    relay =
        RelayServer.builder()
            .access(AccessControl.sharedTokens(List.of("right", "later")))
            .bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  @AfterEach
  void close() {
    relay.close();
  }

  private TestClient client(RelayUrl url) {
    return new TestClient(
        builder ->
            builder.token(
                () -> {
                  asked.incrementAndGet();
                  return token.get();
                }),
        url,
        SecretKey.generate());
  }

  private static RelayStatus.NotAuthorized refused(TestClient client) throws Exception {
    return (RelayStatus.NotAuthorized)
        client.client.status().awaitUntil(s -> s instanceof RelayStatus.NotAuthorized, SOON);
  }

  @Test
  void aWrongTokenIsAStatusAndAnotherOneConnectsAtOnce() throws Exception {
    try (TestClient client = client(relay.url())) {
      RelayStatus.NotAuthorized refusal = refused(client);
      assertThat(refusal.url()).isEqualTo(relay.url());
      assertThat(refusal.reason()).isNotBlank();
      assertThat(refusal.retryIn()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));

      // It is asked for another token, but the relay is left alone.
      int before = asked.get();
      Await.until("three questions", SOON, () -> asked.get() >= before + 3);
      assertThat(client.client.status().get()).isEqualTo(refusal);
      assertThat(relay.metrics()).containsEntry("refused_access", 1L);

      long start = System.nanoTime();
      token.set("right");
      client.online();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void theSupplierIsAskedAgainForEveryAttempt() throws Exception {
    token.set("right");
    try (TestClient client = client(relay.url()).online()) {
      token.set("later");
      assertThat(relay.disconnect(client.id())).isTrue();
      client.client.status().awaitUntil(s -> !(s instanceof RelayStatus.Connected), SOON);
      client.online();
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aTokenThatIsTakenAwayAmidAConnectionIsARefusalAtTheNextAttempt() throws Exception {
    token.set("right");
    try (TestClient client = client(relay.url()).online()) {
      token.set(null);
      relay.disconnect(client.id());
      refused(client);
    }
  }

  @Test
  void anotherAttemptCanBeAskedFor() throws Exception {
    try (TestClient client = client(relay.url())) {
      refused(client);
      client.client.retryNow();
      Await.until("another", SOON, () -> relay.metrics().get("refused_access") == 2);
    }
  }

  @Test
  void aTokenInTheQueryOfTheUrlIsKept() throws Exception {
    token.set(null);
    try (TestClient client = client(RelayUrl.parse(relay.url() + "?token=right"))) {
      client.online();
    }
  }

  @Test
  void aTokenThatCannotBeSentIsNotSentAndNoReasonToAskOften() throws Exception {
    token.set("with\r\nX-Header: of its own");
    try (TestClient client = client(relay.url())) {
      assertThat(refused(client).reason()).contains("visible ASCII").doesNotContain("X-Header");
      assertThat(relay.metrics()).containsEntry("accepts", 0L).containsEntry("refused_access", 0L);
    }
  }

  @Test
  void aSupplierThatThrowsFailsTheAttemptOnly() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    try (TestClient client =
        new TestClient(
            builder ->
                builder.token(
                    () -> {
                      if (attempts.incrementAndGet() < 3) {
                        throw new IllegalStateException("no vault");
                      }
                      return "right";
                    }),
            relay.url(),
            SecretKey.generate())) {
      RelayStatus status =
          client.client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
      assertThat(((RelayStatus.Reconnecting) status).kind()).isEqualTo(RelayFailure.TOKEN);
      assertThat(((RelayStatus.Reconnecting) status).cause()).contains("no vault");
      client.online();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"401 Unauthorized", "403 Forbidden"})
  void anHttpServerInFrontOfTheRelayMayRefuseToo(String answer) throws Exception {
    try (ServerSocket front = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        TestClient client =
            client(RelayUrl.parse("http://127.0.0.1:" + front.getLocalPort() + "/"))) {
      front.setSoTimeout(10_000);
      try (RawPeer peer = RawPeer.accepted(front.accept())) {
        assertThat(peer.head()).contains("\r\nAuthorization: Bearer wrong\r\n");
        peer.write(("HTTP/1.1 " + answer + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        assertThat(refused(client).reason()).contains(answer);
      }
    }
  }

  @Test
  void aRelayThatDrainsIsNoRefusal() throws Exception {
    token.set("right");
    try (TestClient client = client(relay.url()).online()) {
      relay.drain(Duration.ofSeconds(2));
      RelayStatus status =
          client.client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
      assertThat(((RelayStatus.Reconnecting) status).kind())
          .isIn(RelayFailure.GOING_AWAY, RelayFailure.BUSY, RelayFailure.CONNECT);
      try (RelayServer again =
          RelayServer.builder()
              .access(AccessControl.sharedTokens(List.of("right")))
              .bind(relay.boundAddress())) {
        client.online();
        assertThat(again.clients()).isEqualTo(1);
      }
    }
  }
}
