package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.server.access.AccessControl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The client in the dialect up to 0.90 against our own relay, which speaks it to whoever offers no
 * version: what is between them takes the offer out of the request.
 */
class LegacyClientTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final ServerSocket between = new ServerSocket(0, 20, InetAddress.getLoopbackAddress());
  private RelayServer relay;

  LegacyClientTest() throws IOException {}

  private void bind(AccessControl access) throws Exception {
    relay = RelayServer.builder().access(access).bind(SocketAddrs.parse("127.0.0.1:0"));
    daemon(
        () -> {
          for (; ; ) {
            Socket client = between.accept();
            daemon(() -> forward(client, relay.boundAddress()));
          }
        });
  }

  @AfterEach
  void close() throws Exception {
    between.close();
    relay.close();
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException ended) {
                // With one of its sockets.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static void forward(Socket client, InetSocketAddress relay) throws IOException {
    try (client;
        Socket server = new Socket()) {
      server.connect(relay, 5000);
      String head = RawPeer.accepted(client).head();
      String bare = head.replaceAll("Sec-WebSocket-Protocol: [^\r]*\r\n", "");
      assertThat(bare).isNotEqualTo(head);
      server.getOutputStream().write(bare.getBytes(ISO_8859_1));
      daemon(() -> server.getInputStream().transferTo(client.getOutputStream()));
      client.getInputStream().transferTo(server.getOutputStream());
    }
  }

  private RelayUrl legacyUrl() throws Exception {
    return RelayUrl.parse("http://127.0.0.1:" + between.getLocalPort() + "/");
  }

  @Test
  void datagramsAndBatchesCrossBetweenTheGenerations() throws Exception {
    bind(AccessControl.everyone());
    try (TestClient old = new TestClient(legacyUrl(), SecretKey.generate(), null).online();
        TestClient older = new TestClient(legacyUrl(), SecretKey.generate(), null).online();
        TestClient modern = TestClient.connected(relay)) {
      assertThat(relay.metrics()).containsEntry("accepts_legacy_websocket", 2L);
      old.send(modern.id(), "one", 0);
      assertThat(modern.next()).isEqualTo(new TestClient.Received(old.id(), "one", 0));
      modern.send(old.id(), "aaaabbbbcc", 4);
      for (String part : List.of("aaaa", "bbbb", "cc")) {
        assertThat(old.next()).isEqualTo(new TestClient.Received(modern.id(), part, 0));
      }
      old.send(modern.id(), "aaaabbbbcc", 4);
      assertThat(modern.next()).isEqualTo(new TestClient.Received(old.id(), "aaaabbbbcc", 4));
      old.send(older.id(), "aaaabb", 4);
      for (String part : List.of("aaaa", "bb")) {
        assertThat(older.next()).isEqualTo(new TestClient.Received(old.id(), part, 0));
      }
    }
  }

  @Test
  void aRefusalIsTheSameStatusAsAnyOther() throws Exception {
    bind(AccessControl.sharedTokens(List.of("right")));
    try (TestClient client =
        new TestClient(b -> b.token("wrong"), legacyUrl(), SecretKey.generate())) {
      RelayStatus status =
          client.client.status().awaitUntil(s -> !(s instanceof RelayStatus.Connecting), SOON);
      assertThat(status).isInstanceOf(RelayStatus.NotAuthorized.class);
    }
    try (TestClient client =
        new TestClient(b -> b.token("right"), legacyUrl(), SecretKey.generate())) {
      client.online();
    }
  }

  @Test
  void whoWantsNothingOfThatGenerationGetsNothing() throws Exception {
    bind(AccessControl.everyone());
    try (TestClient client =
        new TestClient(b -> b.legacy(false), legacyUrl(), SecretKey.generate())) {
      RelayStatus status =
          client.client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
      assertThat(((RelayStatus.Reconnecting) status).kind()).isEqualTo(RelayFailure.NOT_A_RELAY);
      assertThat(((RelayStatus.Reconnecting) status).cause()).contains("0.90");
    }
  }
}
