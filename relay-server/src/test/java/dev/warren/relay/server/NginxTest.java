package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayTrust;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.testlab.Await;
import dev.warren.testlab.TestAuthority;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Behind a real nginx on loopback: as an HTTP proxy with TLS of its own, and as a TCP proxy. */
@Timeout(60)
class NginxTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Path STREAM = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");
  private static final byte[] NOTHING = {};

  /** As docs/relay.md says. */
  private static final String CONFIGURATION =
      """
      load_module %1$s;
      worker_processes 1;
      pid nginx.pid;
      error_log error.log;
      events { worker_connections 256; }
      http {
        access_log off;
        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi; scgi_temp_path scgi;
        map $http_upgrade $connection_upgrade { default upgrade; '' close; }
        server {
          listen 127.0.0.1:%2$d;
          listen 127.0.0.1:%3$d ssl;
          ssl_certificate chain.pem;
          ssl_certificate_key key.pem;
          location / {
            proxy_pass http://127.0.0.1:%4$d;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_buffering off;
            proxy_read_timeout 60s;
          }
        }
      }
      stream {
        server {
          listen 127.0.0.1:%5$d;
          proxy_pass 127.0.0.1:%6$d;
          proxy_protocol on;
        }
      }
      """;

  @TempDir Path dir;
  private final Visitor visitor = new Visitor();
  private RelayServer behindHttp;
  private RelayServer behindTcp;
  private ForeignProgram nginx;
  private int http;
  private int https;
  private int tcp;
  private RelayTrust trust;

  @BeforeEach
  void start() throws Exception {
    ForeignProgram.need("nginx", "nginx-light, libnginx-mod-stream");
    TestAuthority authority = new TestAuthority();
    authority.issue().writeTo(dir.resolve("chain.pem"), dir.resolve("key.pem"));
    trust = RelayTrust.caFile(Files.writeString(dir.resolve("root.pem"), authority.rootPem()));
    RelayServer.Builder builder =
        RelayServer.builder()
            .access(visitor.access())
            .trustedProxies(List.of(AddressRange.parse("127.0.0.1")));
    behindHttp = builder.bind(LOOPBACK);
    behindTcp =
        builder
            .proxyProtocol(true)
            .tls(dir.resolve("chain.pem"), dir.resolve("key.pem"))
            .bind(LOOPBACK);
    http = ForeignProgram.freePort();
    https = ForeignProgram.freePort();
    tcp = ForeignProgram.freePort();
    String configuration =
        CONFIGURATION.formatted(
            STREAM,
            http,
            https,
            behindHttp.boundAddress().getPort(),
            tcp,
            behindTcp.boundAddress().getPort());
    Path file = Files.writeString(dir.resolve("nginx.conf"), configuration);
    nginx =
        ForeignProgram.start(
            dir.resolve("output.log"),
            Map.of(),
            List.of("nginx", "-p", dir.toString(), "-c", file.toString(), "-g", "daemon off;"));
    Await.until("nginx listens", SOON, () -> !nginx.isAlive() || listens(http) && listens(tcp));
    assertThat(nginx.isAlive()).as(nginx.output()).isTrue();
  }

  private static boolean listens(int port) {
    try (Socket probe = new Socket()) {
      probe.connect(new InetSocketAddress("127.0.0.1", port), 500);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (nginx != null) {
      nginx.close();
    }
    if (behindHttp != null) {
      behindHttp.close();
    }
    if (behindTcp != null) {
      behindTcp.close();
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress("127.0.0.1", port);
  }

  private void talk(String url) throws Exception {
    RelayUrl relay = RelayUrl.parse(url);
    try (TestClient a = new TestClient(relay, SecretKey.generate(), trust).online();
        TestClient b = new TestClient(relay, SecretKey.generate(), trust).online()) {
      String batch = "x".repeat(50_000);
      for (int i = 0; i < 50; i++) {
        a.send(b.id(), batch, 1200);
        assertThat(b.next()).isEqualTo(new TestClient.Received(a.id(), batch, 1200));
        b.send(a.id(), "answer " + i, 0);
        assertThat(a.next().data()).isEqualTo("answer " + i);
      }
    }
  }

  @Test
  void clientsTalkThroughAnHttpProxyThatEndsTheirTls() throws Exception {
    talk("https://127.0.0.1:" + https + "/");
    talk("http://127.0.0.1:" + http + "/");
  }

  @Test
  void clientsTalkThroughATcpProxyWithTlsOfTheRelay() throws Exception {
    talk("https://127.0.0.1:" + tcp + "/");
  }

  @Test
  void theHttpProxySaysWhoTheClientIsAndTheClientCannot() throws Exception {
    Visitor.visit("127.0.0.7", loopback(http), NOTHING, "");
    assertThat(visitor.seen()).isEqualTo(SocketAddrs.parse("127.0.0.7:0"));
    Visitor.visit("127.0.0.7", loopback(http), NOTHING, "X-Forwarded-For: 192.0.2.9\r\n");
    assertThat(visitor.seen()).isEqualTo(SocketAddrs.parse("127.0.0.7:0"));
  }

  @Test
  void theTcpProxySaysWhoTheClientIs() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    try (Socket client = new Socket()) {
      client.bind(new InetSocketAddress("127.0.0.7", 0));
      client.connect(loopback(tcp), 5000);
      Socket tls = context.getSocketFactory().createSocket(client, "127.0.0.1", tcp, true);
      Visitor.visit(RawPeer.over(tls), NOTHING, "X-Forwarded-For: 192.0.2.9\r\n");
      assertThat(visitor.seen())
          .isEqualTo(new InetSocketAddress("127.0.0.7", client.getLocalPort()));
    }
  }

  @Test
  void theServicesAreReachedThroughIt() throws Exception {
    try (RawPeer peer = RawPeer.connect(loopback(http))) {
      peer.write("GET /ping HTTP/1.1\r\nHost: a\r\n\r\n".getBytes());
      assertThat(peer.head()).startsWith("HTTP/1.1 200 OK").contains("Access-Control-Allow-Origin");
    }
  }
}
