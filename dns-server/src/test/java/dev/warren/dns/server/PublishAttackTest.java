package dev.warren.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.testlab.Await;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Type;

/** What strangers may send to where packets are published; a good record never suffers. */
@Tag("trouble")
@Tag("attack")
@Timeout(60)
class PublishAttackTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

  private static ResourceLeakDetector.Level level;

  /** Paranoid, the detector would be slower than the flood; HttpServiceTest has it on. */
  @BeforeAll
  static void fullSpeed() {
    level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
  }

  @AfterAll
  static void restore() {
    ResourceLeakDetector.setLevel(level);
  }

  private final SecretKey key = SecretKey.generate();
  private final String name = "good." + key.nodeId().toZ32() + ".";
  private DnsServer server;
  private Http http;

  @BeforeEach
  void start() throws Exception {
    start(PutLimit.DISABLED, DnsLimits.defaults());
  }

  private void start(PutLimit limit, DnsLimits limits) throws Exception {
    end();
    server = DnsServer.builder().http(ANY).putLimit(limit).limits(limits).bind();
    http = new Http(server);
    assertThat(http.put(good(now()))).isEqualTo(204);
  }

  @AfterEach
  void end() {
    if (server != null) {
      server.close();
    }
  }

  private static long now() {
    return TimeUnit.MILLISECONDS.toMicros(Instant.now().toEpochMilli());
  }

  private SignedPacket good(long timestamp) {
    return Vectors.packet(key, timestamp, List.of(Vectors.txt(name, "good")));
  }

  private void assertGoodIsServed() throws Exception {
    assertThat(Ask.data(new Ask(server).udp(name, Type.TXT))).containsExactly("good");
    assertThat(http.get("/pkarr/" + key.nodeId().toZ32()).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNoPacketOfItsKeyIsRefused() throws Exception {
    byte[] signed = good(now() + 1).relayPayload();
    byte[] forged = signed.clone();
    forged[0] ^= 1;
    byte[] redated = signed.clone();
    redated[70] ^= 1;
    byte[] trailing = Arrays.copyOf(signed, signed.length + 1);
    for (byte[] body :
        List.of(
            forged,
            redated,
            trailing,
            new byte[0],
            new byte[71],
            new byte[1000],
            new byte[1072],
            new byte[1073])) {
      assertThat(http.put(key.nodeId().toZ32(), body).statusCode()).isEqualTo(400);
    }
    assertThat(http.put(Vectors.Z32, signed).statusCode()).as("another's").isEqualTo(400);
    assertThat(server.metrics()).containsEntry("pkarr_publish_refused", 9L);
    assertGoodIsServed();
  }

  @Test
  void whatIsRolledBackIsIgnored() throws Exception {
    SignedPacket old = Vectors.packet(key, 1, List.of(Vectors.txt(name, "old")));
    for (int i = 0; i < 3; i++) {
      assertThat(http.put(old)).isEqualTo(204);
    }
    assertThat(server.metrics()).containsEntry("pkarr_publish_noop", 3L);
    assertGoodIsServed();
  }

  @Test
  void aPacketOfTheFutureIsItsAuthorsOwnAffair() throws Exception {
    SignedPacket last = Vectors.packet(key, -1L, List.of(Vectors.txt(name, "good")));
    assertThat(http.put(last)).isEqualTo(204);
    assertThat(http.put(good(now() + 10))).isEqualTo(204);
    assertThat(server.metrics()).containsEntry("pkarr_publish_noop", 1L);
    assertGoodIsServed();
  }

  @Test
  void theTypeOfABodyDoesNotMatter() throws Exception {
    byte[] body = good(now() + 1).relayPayload();
    for (String type : List.of("text/html", "application/json; charset=x", "\"", "a/b,c/d")) {
      assertThat(http.put(key.nodeId().toZ32(), body, "content-type", type).statusCode())
          .isEqualTo(204);
    }
    assertGoodIsServed();
  }

  @Test
  void aBodyOfAMegabyteIsRefusedAndOfMoreThanTwoNotEvenRead() throws Exception {
    assertThat(http.put(Vectors.Z32, new byte[1 << 20]).statusCode()).isEqualTo(400);
    String huge =
        http.raw(
            "PUT /pkarr/"
                + Vectors.Z32
                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n");
    assertThat(huge).startsWith("HTTP/1.1 413 ");
    HttpResponse<byte[]> chunked =
        http.send(
            http.to("/dns-query")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(new byte[(1 << 20) + 7]))));
    assertThat(chunked.statusCode()).isEqualTo(400);
    assertGoodIsServed();
  }

  @Test
  void aBodyThatComesTooSlowlyIsCutOff() throws Exception {
    Duration second = Duration.ofSeconds(1);
    start(PutLimit.DISABLED, DnsLimits.defaults().times(second, second, second));
    try (Socket slow = http.connect()) {
      OutputStream out = slow.getOutputStream();
      out.write(
          ("PUT /pkarr/" + Vectors.Z32 + " HTTP/1.1\r\nHost: x\r\nContent-Length: 256\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      Await.until(
          "the connection is cut though a byte comes now and then",
          Duration.ofSeconds(20),
          () -> {
            try {
              out.write(0);
              return server.metrics().get("request_timeouts") > 0;
            } catch (IOException cut) {
              return true;
            }
          });
    }
    assertThat(server.metrics().get("request_timeouts")).isPositive();
    assertGoodIsServed();
  }

  @Test
  void aHeadThatNeverEndsIsCutOff() throws Exception {
    assertThat(http.raw("GET / HTTP/1.1\r\nX: " + "a".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ");
    assertThat(http.raw("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 4");
    assertThat(http.raw("\u0016\u0003\u0001\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(server.metrics().get("http_bad_requests")).isEqualTo(3);
    assertGoodIsServed();
  }

  @Test
  void tenThousandPacketsOfOneAddressAreMostlyNotLookedAt() throws Exception {
    start(PutLimit.SIMPLE, DnsLimits.defaults());
    byte[] body = good(now() + 1).relayPayload();
    StringBuilder flood = new StringBuilder();
    String head =
        "PUT /pkarr/"
            + key.nodeId().toZ32()
            + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    String one = head + new String(body, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < 1000; i++) {
      flood.append(one);
    }
    byte[] bytes = flood.toString().getBytes(StandardCharsets.ISO_8859_1);
    try (Socket socket = http.connect()) {
      Thread reader = new Thread(() -> drain(socket));
      reader.start();
      for (int i = 0; i < 10; i++) {
        socket.getOutputStream().write(bytes);
      }
      Await.until(
          "all are answered",
          Duration.ofSeconds(40),
          () -> server.metrics().get("http_requests") >= 10_001);
      socket.shutdownOutput();
      reader.join(10_000);
    }
    assertThat(server.metrics().get("pkarr_publish_limited")).isGreaterThan(9_900);
    assertGoodIsServed();
  }

  private static void drain(Socket socket) {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException closed) {
      // The test is over.
    }
  }

  @Test
  void socketsOnWhichNothingIsSaidKeepNobodyOut() throws Exception {
    start(PutLimit.DISABLED, DnsLimits.defaults().connections(50, 30));
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        silent.add(http.connect());
        silent.add(new Ask(server).connect());
      }
      assertGoodIsServed();
      assertThat(http.put(good(now() + 1))).isEqualTo(204);
      assertThat(server.metrics().get("connections_cut")).isGreaterThan(300);
      assertThat(server.metrics().get("connections")).isLessThanOrEqualTo(50);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }
}
