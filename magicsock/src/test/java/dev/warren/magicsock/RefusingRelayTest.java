package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.testlab.Await;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Relays of ours that let nobody in without the right token. */
class RefusingRelayTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, DatagramTransport.best().ioHandlerFactory());
  private RelayServer closed;
  private RelayServer open;
  private MagicSocket socket;
  private volatile String token = "wrong";

  @BeforeEach
  void relays() throws Exception {
    closed =
        RelayServer.builder()
            .access(AccessControl.sharedTokens(List.of("right")))
            .bind(SocketAddrs.parse("127.0.0.1:0"));
    open = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  private void bind(RelayUrl... relays) throws Exception {
    socket =
        SocketPair.builder(
                loops.next(), "127.0.0.1:0", new ConcurrentLinkedQueue<>(), false, relays)
            .relayToken(() -> token)
            .bind();
  }

  @AfterEach
  void close() {
    socket.close();
    closed.close();
    open.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3000);
  }

  private boolean isHome(RelayServer relay) {
    return socket.homeRelay().get() instanceof RelayStatus.Connected c
        && c.url().equals(relay.url());
  }

  @Test
  void theOnlyRelayIsSaidToRefuseUsAndLetsUsInWithAnotherToken() throws Exception {
    bind(closed.url());
    Await.until(
        "the refusal", SOON, () -> socket.homeRelay().get() instanceof RelayStatus.NotAuthorized);
    assertThat(socket.addr().get().relay()).isEmpty();
    token = "right";
    Await.until("home", SOON, () -> isHome(closed));
    assertThat(socket.addr().get().relay()).contains(closed.url());
  }

  @Test
  void whileAnotherLetsUsInARefusalIsNoNews() throws Exception {
    List<RelayStatus> told = new CopyOnWriteArrayList<>();
    bind(closed.url(), open.url());
    socket.homeRelay().onChange(told::add);
    Await.until("home", SOON, () -> isHome(open));
    assertThat(told).noneMatch(RelayStatus.NotAuthorized.class::isInstance);
    assertThat(socket.addr().get().relay()).contains(open.url());
  }

  @Test
  void whereAllRefuseUsItIsSaidAndTheFirstThatLetsUsInIsHome() throws Exception {
    try (RelayServer other =
        RelayServer.builder()
            .access(AccessControl.sharedTokens(List.of("right")))
            .bind(SocketAddrs.parse("127.0.0.1:0"))) {
      bind(closed.url(), other.url());
      Await.until(
          "the refusal", SOON, () -> socket.homeRelay().get() instanceof RelayStatus.NotAuthorized);
      token = "right";
      Await.until("home", SOON, () -> isHome(closed) || isHome(other));
    }
  }

  @Test
  void aRelayThatIsAddedLaterIsGivenTheToken() throws Exception {
    token = "right";
    bind();
    socket.insertRelay(closed.url());
    Await.until("home", SOON, () -> isHome(closed));
  }

  @Test
  void aRelayOfAPeerIsNotGivenTheToken() throws Exception {
    token = "right";
    bind(open.url());
    Await.until("home", SOON, () -> isHome(open));
    RelayLinks links = socket.relays();
    socket.loop().submit(() -> links.open(closed.url())).get(5, TimeUnit.SECONDS);
    Await.until(
        "the refusal",
        SOON,
        () -> links.status(closed.url()).orElse(null) instanceof RelayStatus.NotAuthorized);
  }
}
