package dev.warren.discovery.pkarr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.Contexts;
import dev.warren.discovery.FakeHttp;
import dev.warren.discovery.RecordingSink;
import dev.warren.discovery.TestCertificate;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.testlab.Await;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups at relays that answer, lie, fail and keep silent. */
@Tag("trouble")
class PkarrResolverTest {
  private static final SecretKey KEY = SecretKey.generate();
  private static final NodeId ID = KEY.nodeId();
  private static final TransportAddr ADDR = new TransportAddr.Ip(SocketAddrs.parse("192.0.2.1:1"));
  private static final long NOW = 1_700_000_000_000_000L;

  private final Contexts contexts = new Contexts();
  @TempDir Path dir;

  @AfterEach
  void close() {
    contexts.close();
  }

  private static byte[] packet(long timestamp) {
    return signed(timestamp).relayPayload();
  }

  private static SignedPacket signed(long timestamp) {
    return TxtRecords.of(List.of(ADDR), "data").sign(KEY, TxtRecords.DEFAULT_TTL, timestamp);
  }

  private PkarrResolver resolver(FakeHttp server) {
    return PkarrResolver.builder(server.url("/pkarr/")).create(contexts.reachable(KEY));
  }

  private String failure(FakeHttp.Script script) throws Exception {
    try (FakeHttp server = new FakeHttp(script);
        PkarrResolver pkarr = resolver(server)) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      String end = sink.end();
      assertThat(sink.items).isEmpty();
      assertThat(sink.ends).containsExactly("failed");
      assertThat(pkarr.metrics()).containsEntry("failed", 1L);
      return end;
    }
  }

  @Test
  void aPacketIsFoundWithItsAge() throws Exception {
    try (FakeHttp server =
            new FakeHttp((request, out) -> out.write(FakeHttp.answer(200, packet(NOW))));
        PkarrResolver pkarr = resolver(server)) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).hasSize(1);
      assertThat(sink.items.get(0).id()).isEqualTo(ID);
      assertThat(sink.items.get(0).data().addrs()).containsExactly(ADDR);
      assertThat(sink.items.get(0).data().userData()).contains("data");
      assertThat(sink.items.get(0).provenance()).isEqualTo("pkarr");
      assertThat(sink.items.get(0).lastUpdated()).contains(Instant.ofEpochSecond(1_700_000_000));
      assertThat(server.requests.get(0).line()).isEqualTo("GET /pkarr/" + ID.toZ32() + " HTTP/1.1");
      assertThat(server.requests.get(0).head()).contains("\r\nHost: 127.0.0.1:" + server.port());
    }
  }

  @Test
  void theContentTypeIsOfNoMatterNorThatTheLengthIsUnknown() throws Exception {
    FakeHttp.Script script =
        (request, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
          out.write(packet(NOW));
        };
    try (FakeHttp server = new FakeHttp(script);
        PkarrResolver pkarr = resolver(server)) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).hasSize(1);
    }
  }

  @Test
  void whatTheRelayDoesNotHaveIsNoFailure() throws Exception {
    try (FakeHttp server =
            new FakeHttp((request, out) -> out.write(FakeHttp.answer(404, "no".getBytes())));
        PkarrResolver pkarr = resolver(server)) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"500, 500", "301, redirects are not followed", "429, fewer packets", "400, 400"})
  void otherAnswersAreFailures(int status, String said) throws Exception {
    assertThat(failure((request, out) -> out.write(FakeHttp.answer(status, new byte[0]))))
        .contains(said);
  }

  @Test
  void aPacketThatIsForgedOrOfAnotherNodeOrTooLongIsRefused() throws Exception {
    byte[] forged = packet(NOW);
    forged[80] ^= 1;
    byte[] foreign =
        TxtRecords.of(List.of(ADDR), null)
            .sign(SecretKey.generate(), TxtRecords.DEFAULT_TTL, NOW)
            .relayPayload();
    for (byte[] bad : List.of(forged, foreign)) {
      assertThat(failure((request, out) -> out.write(FakeHttp.answer(200, bad))))
          .contains("not signed by");
    }
    for (byte[] bad : List.of(new byte[0], new byte[1073], Arrays.copyOf(packet(NOW), 71))) {
      assertThat(failure((request, out) -> out.write(FakeHttp.answer(200, bad))))
          .contains("gave no packet of that node");
    }
  }

  @Test
  void aBodyOfAMegabyteIsNotRead() throws Exception {
    assertThat(failure((request, out) -> out.write(FakeHttp.answer(200, new byte[1 << 20]))))
        .contains("more than");
    assertThat(
            failure(
                (request, out) -> {
                  out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                  out.write(new byte[1 << 20]);
                }))
        .contains("more than");
  }

  @Test
  void whatIsNotHttpIsRefused() throws Exception {
    assertThat(failure((request, out) -> out.write("SSH-2.0-x\r\n".getBytes()))).contains("HTTP");
    assertThat(failure((request, out) -> {})).contains("ended in the middle");
  }

  @Test
  void aSlowBodyEndsWithTheTime() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    FakeHttp.Script slow =
        (request, out) -> {
          out.write(Arrays.copyOf(FakeHttp.answer(200, packet(NOW)), 100));
          out.flush();
          over.await(20, TimeUnit.SECONDS);
        };
    try (FakeHttp server = new FakeHttp(slow);
        PkarrResolver pkarr =
            PkarrResolver.builder(server.url("/pkarr"))
                .timeout(Duration.ofMillis(300))
                .create(contexts.reachable(KEY))) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).contains("did not answer within");
      over.countDown();
    }
  }

  @Test
  void anOlderPacketThanBeforeIsRefusedAndOneOfTheFutureIsNot() throws Exception {
    AtomicReference<byte[]> held = new AtomicReference<>(packet(NOW));
    try (FakeHttp server =
            new FakeHttp((request, out) -> out.write(FakeHttp.answer(200, held.get())));
        PkarrResolver pkarr = resolver(server)) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      held.set(packet(NOW - 1));
      RecordingSink back = new RecordingSink();
      pkarr.resolve(ID, back);
      assertThat(back.end()).contains("older packet than before");
      assertThat(back.items).isEmpty();
      assertThat(pkarr.metrics()).containsEntry("rolledBackPackets", 1L);
      for (long future : new long[] {NOW * 10, Long.MAX_VALUE, -1}) {
        held.set(packet(future));
        RecordingSink ahead = new RecordingSink();
        pkarr.resolve(ID, ahead);
        assertThat(ahead.end()).isEqualTo("done");
        assertThat(ahead.items).hasSize(1);
      }
    }
  }

  @Test
  void addressesOfThisMachineAreNotTold() throws Exception {
    byte[] packet =
        TxtRecords.of(List.of(new TransportAddr.Ip(SocketAddrs.parse("127.0.0.1:22"))), null)
            .sign(KEY, TxtRecords.DEFAULT_TTL, NOW)
            .relayPayload();
    try (FakeHttp server = new FakeHttp((request, out) -> out.write(FakeHttp.answer(200, packet)));
        PkarrResolver pkarr = resolver(server)) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).isEmpty();
      assertThat(pkarr.metrics()).containsEntry("refusedAddresses", 1L);
    }
  }

  @Test
  void aRelayInTlsNeedsACertificateThatIsTrusted() throws Exception {
    TestCertificate certificate = new TestCertificate(dir, "ip:127.0.0.1");
    try (FakeHttp server =
        new FakeHttp(
            (request, out) -> out.write(FakeHttp.answer(200, packet(NOW))), certificate.server)) {
      try (PkarrResolver pkarr =
          PkarrResolver.builder(server.url("/pkarr"))
              .caFile(certificate.pem)
              .create(contexts.reachable(KEY))) {
        RecordingSink sink = new RecordingSink();
        pkarr.resolve(ID, sink);
        assertThat(sink.end()).isEqualTo("done");
        assertThat(sink.items).hasSize(1);
      }
      try (PkarrResolver pkarr = resolver(server)) {
        RecordingSink sink = new RecordingSink();
        pkarr.resolve(ID, sink);
        assertThat(sink.end()).contains("signed by nobody whom we trust").contains("caFile");
      }
    }
  }

  @Test
  void aRelayIsReachedThroughAProxyByATunnelOrInClear() throws Exception {
    try (FakeHttp clear =
            new FakeHttp((request, out) -> out.write(FakeHttp.answer(200, packet(NOW))));
        PkarrResolver pkarr =
            PkarrResolver.builder(URI.create("http://relay.invalid/pkarr"))
                .proxy("http://user:p%40ss@127.0.0.1:" + clear.port())
                .create(contexts.reachable(KEY))) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(clear.requests.get(0).head())
          .startsWith("GET http://relay.invalid/pkarr/" + ID.toZ32() + " HTTP/1.1\r\n")
          .contains("Host: relay.invalid\r\n")
          .contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n");
    }
    TestCertificate certificate = new TestCertificate(dir, "ip:127.0.0.1");
    FakeHttp.Script tunnel =
        (request, out) -> {
          assertThat(request.line()).startsWith("CONNECT 127.0.0.1:");
          out.write("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n".getBytes());
        };
    try (FakeHttp server =
            new FakeHttp(
                (request, out) -> out.write(FakeHttp.answer(200, packet(NOW))),
                certificate.server);
        FakeHttp refusing = new FakeHttp(tunnel);
        TunnelProxy proxy = new TunnelProxy(server.port())) {
      RecordingSink through = new RecordingSink();
      try (PkarrResolver pkarr =
          PkarrResolver.builder(server.url("/pkarr"))
              .caFile(certificate.pem)
              .proxy("http://127.0.0.1:" + proxy.port())
              .create(contexts.reachable(KEY))) {
        pkarr.resolve(ID, through);
        assertThat(through.end()).isEqualTo("done");
        assertThat(through.items).hasSize(1);
      }
      RecordingSink refused = new RecordingSink();
      try (PkarrResolver pkarr =
          PkarrResolver.builder(server.url("/pkarr"))
              .proxy("http://127.0.0.1:" + refusing.port())
              .create(contexts.reachable(KEY))) {
        pkarr.resolve(ID, refused);
        assertThat(refused.end()).contains("407").contains("user and password");
      }
    }
  }

  @Test
  void anEndedLookupSaysNothingAndAClosedResolverFails() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    FakeHttp.Script silent = (request, out) -> over.await(20, TimeUnit.SECONDS);
    try (FakeHttp server = new FakeHttp(silent)) {
      PkarrResolver pkarr = resolver(server);
      RecordingSink ended = new RecordingSink();
      Subscription lookup = pkarr.resolve(ID, ended);
      RecordingSink closed = new RecordingSink();
      pkarr.resolve(ID, closed);
      Await.until(Duration.ofSeconds(10), () -> server.requests.size() == 2);
      lookup.close();
      pkarr.close();
      assertThat(closed.end()).contains("closed");
      assertThat(ended.ends).isEmpty();
      RecordingSink late = new RecordingSink();
      pkarr.resolve(ID, late);
      assertThat(late.end()).contains("closed");
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(t -> t.getName().startsWith("warren-discovery"));
      over.countDown();
    }
  }

  @Test
  void aRelayThatIsNotThereIsNamed() throws Exception {
    int port;
    try (FakeHttp gone = new FakeHttp((request, out) -> {})) {
      port = gone.port();
    }
    try (PkarrResolver pkarr =
        PkarrResolver.builder(URI.create("http://127.0.0.1:" + port))
            .create(contexts.reachable(KEY))) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).contains("127.0.0.1:" + port).contains("refused");
    }
    try (PkarrResolver pkarr =
        PkarrResolver.builder(URI.create("http://relay.invalid/"))
            .create(contexts.reachable(KEY))) {
      RecordingSink sink = new RecordingSink();
      pkarr.resolve(ID, sink);
      assertThat(sink.end()).contains("relay.invalid");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://h/", "http:///x", "https://u@h/", "https://h/#f", "https://h/?q", "h"})
  void whatIsNoUrlOfARelayIsRefused(String url) {
    assertThatThrownBy(() -> PkarrResolver.builder(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
