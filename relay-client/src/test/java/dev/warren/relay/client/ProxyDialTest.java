package dev.warren.relay.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.proxy.RelayProxy;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.wire.Handshake;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way to a relay through an HTTP proxy that the test plays. */
class ProxyDialTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<String> resolved = new CopyOnWriteArrayList<>();
  private ServerSocket proxy;
  private RelayClient client;

  @BeforeEach
  void listen() throws Exception {
    proxy = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    proxy.setSoTimeout(10_000);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    client.closed().get(5, TimeUnit.SECONDS);
    proxy.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5000);
  }

  private Socket dial(String url, String credentials) throws Exception {
    RelayClientBuilder builder =
        RelayClient.builder(RelayUrl.parse(url), SecretKey.generate(), group.next())
            .token("t0ken")
            .proxy(
                RelayProxy.parse("http://" + credentials + "proxy.test:" + proxy.getLocalPort()));
    builder.lookup =
        name -> {
          resolved.add(name);
          return new InetAddress[] {InetAddress.getLoopbackAddress()};
        };
    client = builder.start();
    Socket socket = proxy.accept();
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws Exception {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private RelayStatus.Reconnecting failure() throws Exception {
    return (RelayStatus.Reconnecting)
        client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
  }

  @Test
  void theProxyIsAskedForATunnelAndLooksTheRelayUpItself() throws Exception {
    try (Socket socket = dial("http://relay.test./", "Aladdin:open%20sesame@")) {
      assertThat(Heads.read(socket.getInputStream()))
          .isEqualTo(
              "CONNECT relay.test:80 HTTP/1.1\r\n"
                  + "Host: relay.test:80\r\n"
                  + "Proxy-Connection: Keep-Alive\r\n"
                  + "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
      assertThat(resolved).containsExactly("proxy.test");
    }
  }

  @Test
  void whatComesBehindTheAnswerOfTheProxyBelongsToTheTunnel() throws Exception {
    try (Socket socket = dial("http://relay.test/", "")) {
      assertThat(Heads.read(socket.getInputStream())).doesNotContain("uthorization", "t0ken");
      // A tunnel that begins to speak early: its first bytes come together with the answer.
      write(socket, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nHTTP/1.1 101 Switch");
      String request = Heads.read(socket.getInputStream());
      assertThat(request)
          .startsWith("GET /relay HTTP/1.1\r\nHost: relay.test\r\n")
          .contains("\r\nAuthorization: Bearer t0ken\r\n")
          .doesNotContain("Proxy-");
      String key = request.replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
      write(
          socket,
          "ing Protocols\r\nsec-websocket-protocol: iroh-relay-v2\r\nsec-websocket-accept: "
              + Handshake.websocketAccept(key)
              + "\r\n\r\nrr"); // and garbage that must not be lost
      assertThat(failure().kind()).isEqualTo(RelayFailure.PROTOCOL);
    }
  }

  @Test
  void aRefusalOfTheProxyIsTheCause() throws Exception {
    try (Socket socket = dial("https://relay.test/", "user:pw@")) {
      assertThat(Heads.read(socket.getInputStream())).startsWith("CONNECT relay.test:443 ");
      write(socket, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      assertThat(failure().kind()).isEqualTo(RelayFailure.PROXY);
      assertThat(failure().cause())
          .contains("proxy.test", "407", "relay.test:443", "user and password")
          .doesNotContain("pw@");
    }
  }

  @Test
  void aProxyThatTalksNonsenseOrHangsUpIsTheCauseToo() throws Exception {
    try (Socket socket = dial("https://relay.test/", "")) {
      write(socket, "x".repeat(20_000));
      assertThat(failure().kind()).isEqualTo(RelayFailure.PROXY);
    }
    try (Socket socket = proxy.accept()) {
      Heads.read(socket.getInputStream());
    }
    client
        .status()
        .awaitUntil(
            s -> s instanceof RelayStatus.Reconnecting r && r.cause().contains("closed"), SOON);
    assertThat(failure().kind()).isEqualTo(RelayFailure.PROXY);
  }
}
