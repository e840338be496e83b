package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.testlab.Await;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Endpoints whose relay wants a token. */
class RelayTokenTest {
  private static final Alpn ECHO = Alpn.of("echo/1");
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");

  @Test
  void aRefusalIsTheStatusOfHomeUntilTheSupplierGivesAnotherToken() throws Exception {
    AtomicReference<String> token = new AtomicReference<>("wrong");
    try (RelayServer relay =
            RelayServer.builder()
                .access(AccessControl.sharedTokens(List.of("right")))
                .bind(LOOPBACK);
        Endpoint endpoint =
            Endpoint.builder()
                .bindAddr(LOOPBACK)
                .relay(relay.url())
                .relayToken(token::get)
                .bind()) {
      endpoint.homeRelay().awaitUntil(s -> s instanceof RelayStatus.NotAuthorized, SOON);
      assertThat(endpoint.addr().relay()).isEmpty();
      token.set("right");
      endpoint.awaitOnline(SOON);
      assertThat(endpoint.addr().relay()).contains(relay.url());
    }
  }

  /** Whoever writes a ticket could otherwise collect tokens. */
  @Test
  void theRelayOfAPeerNeverSeesOurToken() throws Exception {
    Map<NodeId, Optional<String>> ours = new ConcurrentHashMap<>();
    Map<NodeId, Optional<String>> theirs = new ConcurrentHashMap<>();
    try (RelayServer home = RelayServer.builder().access(noting(ours)).bind(LOOPBACK);
        RelayServer other = RelayServer.builder().access(noting(theirs)).bind(LOOPBACK);
        Endpoint endpoint =
            Endpoint.builder()
                .bindAddr(LOOPBACK)
                .directEnabled(false)
                .relay(home.url())
                .relayToken("secret")
                .bind()) {
      endpoint.awaitOnline(SOON);
      NodeAddr peer = NodeAddr.of(SecretKey.generate().nodeId()).withRelay(other.url());
      CompletableFuture<Connection> dial =
          endpoint.connectAsync(peer, ECHO, ConnectOptions.DEFAULT);
      Await.until("a visit of the other relay", SOON, () -> theirs.containsKey(endpoint.id()));
      dial.cancel(true);
      assertThat(ours.get(endpoint.id())).contains("secret");
      assertThat(theirs.get(endpoint.id())).isEmpty();
    }
  }

  private static AccessControl noting(Map<NodeId, Optional<String>> tokens) {
    return request -> {
      tokens.put(request.node(), request.token());
      return CompletableFuture.completedFuture(AccessDecision.allow());
    };
  }
}
