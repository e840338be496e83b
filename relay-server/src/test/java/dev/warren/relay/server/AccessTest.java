package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.testlab.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, on real sockets: what a client sees, and what access control hears. */
class AccessTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String PROTOCOLS = "iroh-relay-v2, iroh-relay-v1";

  private final SecretKey key = SecretKey.generate();
  private RelayServer relay;

  @AfterEach
  void close() {
    if (relay != null) {
      relay.close();
    }
  }

  /** Remembers what it was asked and told, and says what the test wants. */
  private static class Recording implements AccessControl {
    final List<AccessRequest> asked = new CopyOnWriteArrayList<>();
    final List<Long> ended = new CopyOnWriteArrayList<>();
    CompletionStage<AccessDecision> decision =
        CompletableFuture.completedStage(AccessDecision.allow());

    @Override
    public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
      asked.add(request);
      return decision;
    }

    @Override
    public void onDisconnect(NodeId node, long connection) {
      ended.add(connection);
    }
  }

  private void bind(AccessControl control) throws Exception {
    bind(control, RelayLimits.defaults());
  }

  private void bind(AccessControl control, RelayLimits limits) throws Exception {
    relay =
        RelayServer.builder().access(control).limits(limits).bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  private RawPeer raw() throws IOException {
    return RawPeer.connect(relay.boundAddress());
  }

  private RawPeer connected() throws IOException {
    return raw().authenticate(key);
  }

  /** The relay's answer to a good proof after this request. */
  private String answer(RawPeer peer, String request) throws IOException {
    peer.write(request.getBytes(US_ASCII));
    assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
    return peer.prove(key);
  }

  private String answer(String request) throws IOException {
    try (RawPeer peer = raw()) {
      return answer(peer, request);
    }
  }

  private static String request() {
    return RawPeer.request(PROTOCOLS);
  }

  private static String withHeader(String header) {
    return request().replace("\r\n\r\n", "\r\n" + header + "\r\n\r\n");
  }

  private static String withTarget(String target) {
    return request().replace("GET /relay ", "GET " + target + " ");
  }

  private static String denial(String reason) {
    byte[] text = reason.getBytes(UTF_8);
    return "03" + String.format("%02x", text.length) + RawPeer.HEX.formatHex(text);
  }

  // ---- the rules ----

  @Test
  void whoIsNotOnTheAllowListIsToldSoAndCut() throws Exception {
    bind(AccessControl.allowList(List.of(SecretKey.generate().nodeId())));
    try (RawPeer peer = raw()) {
      assertThat(answer(peer, request())).isEqualTo(denial("not authorized"));
      assertThat(peer.ends()).isTrue();
    }
    assertThat(relay.clients()).isZero();
    assertThat(relay.metrics()).containsEntry("refused_access", 1L).containsEntry("accepts", 0L);
  }

  @Test
  void whoIsOnTheAllowListIsLetIn() throws Exception {
    bind(AccessControl.allowList(List.of(key.nodeId())));
    try (RawPeer peer = connected()) {
      assertThat(peer.lives()).isTrue();
    }
  }

  @Test
  void whoIsOnTheDenyListIsCutAndOthersAreLetIn() throws Exception {
    bind(AccessControl.denyList(List.of(key.nodeId())));
    assertThat(answer(request())).isEqualTo(denial("not authorized"));
    try (RawPeer other = raw().authenticate(SecretKey.generate())) {
      assertThat(other.lives()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization: Bearer s3cret, true",
    "AUTHORIZATION: bearer s3cret, true",
    "Authorization: Bearer s3cre, false",
    "Authorization: Basic s3cret, false",
    "X: y, false"
  })
  void aSharedTokenComesInAHeader(String header, boolean allowed) throws Exception {
    bind(AccessControl.sharedTokens(List.of("other", "s3cret")));
    assertThat(answer(withHeader(header))).isEqualTo(allowed ? "02" : denial("not authorized"));
  }

  @ParameterizedTest
  @CsvSource({
    "/relay?token=s3cret%20%C3%A9, true",
    "/relay?a=b&token=s3cret+%c3%a9, true",
    "/relay?token=s3cret, false",
    "/relay?tok=s3cret, false"
  })
  void aSharedTokenOfABrowserComesInTheQuery(String target, boolean allowed) throws Exception {
    bind(AccessControl.sharedTokens(List.of("s3cret \u00e9")));
    assertThat(answer(withTarget(target))).isEqualTo(allowed ? "02" : denial("not authorized"));
  }

  @Test
  void aWebServiceDecides() throws Exception {
    try (ServerSocket service = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> allowOnly(service, key.nodeId(), "r3lay"));
      thread.setDaemon(true);
      thread.start();
      URI url = URI.create("http://127.0.0.1:" + service.getLocalPort() + "/access");
      bind(AccessControl.http(url, "r3lay"));
      assertThat(answer(request())).isEqualTo("02");
      try (RawPeer stranger = raw()) {
        stranger.upgrade(PROTOCOLS);
        assertThat(stranger.prove(SecretKey.generate())).isEqualTo(denial("not authorized"));
      }
    }
    // Now it is gone.
    assertThat(answer(request())).isEqualTo(denial("not authorized"));
  }

  /** A web service that answers one request after the other until it is closed. */
  private static void allowOnly(ServerSocket service, NodeId node, String token) {
    while (true) {
      try (Socket socket = service.accept()) {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        List<String> head = in.lines().takeWhile(line -> !line.isEmpty()).toList();
        boolean known =
            head.stream().anyMatch(h -> h.equalsIgnoreCase("X-Iroh-NodeId: " + node))
                && head.stream().anyMatch(h -> h.equals("Authorization: Bearer " + token));
        String body = Boolean.toString(known);
        socket
            .getOutputStream()
            .write(
                ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body)
                    .getBytes(US_ASCII));
      } catch (IOException closed) {
        return;
      }
    }
  }

  // ---- the interface ----

  @Test
  void accessControlSeesWhatTheClientSent() throws Exception {
    Recording control = new Recording();
    bind(control);
    String header = "X-Twice: one\r\nx-twice: two\r\nAuthorization: Bearer t0k";
    try (RawPeer peer = raw()) {
      assertThat(answer(peer, withHeader(header).replace("/relay ", "/relay?a=%20b ")))
          .isEqualTo("02");
      AccessRequest asked = control.asked.get(0);
      assertThat(asked.node()).isEqualTo(key.nodeId());
      assertThat(asked.protocol()).isEqualTo("iroh-relay-v2");
      assertThat(asked.target()).isEqualTo("/relay?a=%20b");
      assertThat(asked.headers()).containsEntry("x-twice", List.of("one", "two"));
      assertThat(asked.token()).contains("t0k");
      assertThat(asked.remote()).isEqualTo(peer.socket.getLocalSocketAddress());
    }
  }

  @Test
  void accessControlsOwnReasonIsToldToTheClient() throws Exception {
    Recording control = new Recording();
    control.decision = CompletableFuture.completedStage(AccessDecision.deny("bezahl erst \u20ac"));
    bind(control);
    assertThat(answer(request())).isEqualTo(denial("bezahl erst \u20ac"));
  }

  @Test
  void noDecisionInTimeDenies() throws Exception {
    Recording control = new Recording();
    control.decision = new CompletableFuture<>();
    bind(control, RelayLimits.builder().handshakeTime(Duration.ofSeconds(1)).build());
    try (RawPeer peer = raw()) {
      peer.upgrade(PROTOCOLS);
      peer.proveSilently(key);
      assertThat(peer.ends()).isTrue();
    }
    assertThat(relay.clients()).isZero();
    assertThat(relay.metrics()).containsEntry("accepts", 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"throws", "fails", "says nothing"})
  void accessControlThatFailsDenies(String how) throws Exception {
    AccessControl control =
        request ->
            switch (how) {
              case "throws" -> throw new IllegalStateException("broken");
              case "fails" -> CompletableFuture.failedStage(new IllegalStateException("broken"));
              default -> null;
            };
    bind(control);
    try (RawPeer peer = raw()) {
      assertThat(answer(peer, request())).isEqualTo(denial("not authorized"));
      assertThat(peer.ends()).isTrue();
    }
    assertThat(relay.metrics()).containsEntry("refused_access", 1L);
  }

  @Test
  void nothingIsForwardedBeforeTheDecision() throws Exception {
    SecretKey other = SecretKey.generate();
    CompletableFuture<AccessDecision> later = new CompletableFuture<>();
    Recording control =
        new Recording() {
          @Override
          public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
            super.onConnect(request);
            return request.node().equals(key.nodeId()) ? later : decision;
          }
        };
    bind(control);
    try (RawPeer recipient = raw().authenticate(other);
        RawPeer early = raw()) {
      early.upgrade(PROTOCOLS);
      early.proveSilently(key);
      early.send(SlowReaderTest.frame(other.nodeId(), 5));
      Await.until("it is asked", SOON, () -> control.asked.size() == 2);
      assertThat(recipient.lives()).isTrue(); // and nothing came before the pong
      assertThat(relay.clients()).isEqualTo(1);
      later.complete(AccessDecision.allow());
      assertThat(early.receiveHex()).isEqualTo("02");
      assertThat(early.lives()).isTrue();
    }
  }

  // ---- ends ----

  @Test
  void theEndOfEachConnectionIsToldOnce() throws Exception {
    Recording control = new Recording();
    bind(control);
    for (int i = 0; i < 3; i++) {
      connected().close();
    }
    Await.until("three ends", SOON, () -> control.ended.size() >= 3);
    connected().close();
    Await.until("four ends", SOON, () -> control.ended.size() >= 4);
    assertThat(control.ended)
        .containsExactlyInAnyOrderElementsOf(
            control.asked.stream().map(AccessRequest::connection).toList())
        .doesNotHaveDuplicates();
  }

  @Test
  void theEndOfADeniedConnectionIsNotTold() throws Exception {
    Recording control = new Recording();
    control.decision = CompletableFuture.completedStage(AccessDecision.deny());
    bind(control);
    answer(request());
    control.decision = CompletableFuture.completedStage(AccessDecision.allow());
    connected().close();
    Await.until("the end of the other", SOON, () -> !control.ended.isEmpty());
    assertThat(control.ended).containsExactly(control.asked.get(1).connection());
  }

  @Test
  void whoLeavesBeforeItIsAllowedIsToldToHaveLeft() throws Exception {
    Recording control = new Recording();
    CompletableFuture<AccessDecision> decision = new CompletableFuture<>();
    control.decision = decision;
    bind(control);
    RawPeer hasty = raw();
    hasty.upgrade(PROTOCOLS);
    hasty.proveSilently(key);
    Await.until("it is asked", SOON, () -> control.asked.size() == 1);
    hasty.close();
    Await.until(
        "it is gone",
        SOON,
        () -> relay.metrics().get("http_connections_closed") >= 1 || relay.clients() == 0);
    decision.complete(AccessDecision.allow());
    Await.until("its end is told", SOON, () -> control.ended.size() == 1);
    assertThat(control.ended).containsExactly(control.asked.get(0).connection());
    assertThat(relay.clients()).isZero();
  }

  @Test
  void closingTheRelayTellsTheEndOfEveryConnection() throws Exception {
    Recording control = new Recording();
    bind(control);
    try (RawPeer one = connected();
        RawPeer other = raw().authenticate(SecretKey.generate())) {
      relay.close();
      Await.until("both ends", SOON, () -> control.ended.size() == 2);
      assertThat(one.ends()).isTrue();
      assertThat(other.ends()).isTrue();
    }
    assertThat(control.ended).doesNotHaveDuplicates();
  }

  @Test
  void accessControlThatFailsAtTheEndHarmsNobody() throws Exception {
    AccessControl control =
        new Recording() {
          @Override
          public void onDisconnect(NodeId node, long connection) {
            super.onDisconnect(node, connection);
            throw new IllegalStateException("broken");
          }
        };
    bind(control);
    try (RawPeer other = raw().authenticate(SecretKey.generate())) {
      connected().close();
      Await.until("it has left", SOON, () -> relay.clients() == 1);
      Await.until("its end", SOON, () -> ((Recording) control).ended.size() == 1);
      assertThat(other.lives()).isTrue();
      assertThat(relay.metrics())
          .containsEntry("disconnects", 1L)
          .containsEntry("protocol_errors", 0L);
    }
  }

  // ---- revocation ----

  @Test
  void anIdIsCutWithAllItsConnections() throws Exception {
    Recording control = new Recording();
    bind(control);
    try (RawPeer one = connected();
        RawPeer two = connected();
        RawPeer other = raw().authenticate(SecretKey.generate())) {
      assertThat(relay.disconnect(key.nodeId())).isTrue();
      assertThat(one.ends()).isTrue();
      assertThat(two.ends()).isTrue();
      assertThat(other.lives()).isTrue();
      Await.until("both ends", SOON, () -> control.ended.size() == 2);
      assertThat(relay.disconnect(key.nodeId())).isFalse();
    }
  }

  @Test
  void oneConnectionIsCutAndTheOthersOfItsIdStay() throws Exception {
    Recording control = new Recording();
    bind(control);
    try (RawPeer one = connected();
        RawPeer two = connected()) {
      long second = control.asked.get(1).connection();
      assertThat(relay.disconnect(key.nodeId(), second)).isTrue();
      assertThat(two.ends()).isTrue();
      assertThat(one.lives()).isTrue();
      Await.until("its end", SOON, () -> control.ended.equals(List.of(second)));
      assertThat(relay.disconnect(key.nodeId(), second)).isFalse();
      assertThat(relay.disconnect(SecretKey.generate().nodeId(), second)).isFalse();
      assertThat(one.lives()).isTrue();
    }
  }

  @Test
  void anIdThatWasCutMayComeBackUnlessItIsDenied() throws Exception {
    Recording control = new Recording();
    bind(control);
    try (RawPeer peer = connected()) {
      control.decision = CompletableFuture.completedStage(AccessDecision.deny("revoked"));
      assertThat(relay.disconnect(key.nodeId())).isTrue();
      assertThat(peer.ends()).isTrue();
    }
    assertThatThrownBy(this::connected).hasMessageContaining("not confirmed: " + denial("revoked"));
  }
}
