package dev.warren.dns.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.store.Eviction;
import dev.warren.dns.server.store.MemoryPacketStore;
import dev.warren.testlab.Await;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The scenarios and vectors of dns-server section 12. */
class DnsServerTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
  private static final String NAME = "_iroh." + Vectors.Z32 + ".irohdns.example.";

  private final SecretKey key = SecretKey.generate();
  private final MemoryPacketStore store = new MemoryPacketStore();
  private DnsServer server;
  private Ask ask;
  private Http http;

  @BeforeEach
  void start() throws Exception {
    server = DnsServer.builder().http(ANY).store(store).putLimit(PutLimit.DISABLED).bind();
    ask = new Ask(server);
    http = new Http(server);
  }

  @AfterEach
  void end() {
    server.close();
  }

  private String below(String labels) {
    return labels + key.nodeId().toZ32() + ".";
  }

  @Test
  void everyRecordOfAPacketIsFoundByItsName() throws Exception {
    assertThat(http.put(Vectors.packet(key, 1, Vectors.s1(key)))).isEqualTo(204);
    assertThat(Ask.data(ask.udp(below(""), Type.TXT))).containsExactly("hi0");
    assertThat(Ask.data(ask.udp(below("_hello."), Type.TXT))).containsExactly("hi1");
    assertThat(Ask.data(ask.udp(below("_hello.world."), Type.TXT))).containsExactly("hi2");
    assertThat(Ask.data(ask.udp(below("multiple."), Type.TXT))).containsExactly("hi3", "hi4");
    assertThat(Ask.data(ask.udp(below(""), Type.A))).containsExactly("127.0.0.1");
    assertThat(Ask.data(ask.udp(below("foo.bar.baz."), Type.AAAA)))
        .containsExactly("0:0:0:0:0:0:0:1");
  }

  @Test
  void whatANodePublishesIsReadBackFromDns() throws Exception {
    TxtRecords published =
        TxtRecords.of(
            List.of(new TransportAddr.Relay(RelayUrl.parse("https://relay.example."))), null);
    http.put(published.sign(key, Duration.ofSeconds(30), 1));
    Message answer = ask.udp("_iroh." + key.nodeId().toZ32() + ".irohdns.example.", Type.TXT);
    assertThat(TxtRecords.read(answer.getSection(Section.ANSWER)).relays())
        .isEqualTo(published.relays());
  }

  @Test
  void jsonOverBothVersionsOfHttpHasTheRecord() throws Exception {
    http.put(Vectors.packet(key, 1, List.of(Vectors.txt(below("_iroh."), "relay=https://r/"))));
    String target = "/dns-query?name=" + below("_iroh.") + "&type=txt";
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpResponse<byte[]> answer =
          new Http(server, version).get(target, "accept", "application/dns-json");
      assertThat(answer.headers().firstValue("content-type")).contains("application/dns-json");
      assertThat(answer.headers().firstValue("cache-control")).contains("s-maxage=30");
      assertThat(Http.text(answer))
          .isEqualTo(
              "{\"Status\":0,\"TC\":false,\"RD\":true,\"RA\":false,\"AD\":false,\"CD\":false,"
                  + "\"Question\":[{\"name\":\""
                  + below("_iroh.")
                  + "\",\"type\":16}],\"Answer\":[{\"name\":\""
                  + below("_iroh.")
                  + "\",\"type\":16,\"TTL\":30,\"data\":\"relay=https://r/\"}],\"Comment\":null,"
                  + "\"edns_client_subnet\":null}");
    }
  }

  @Test
  void thePacketOfTheVectorComesBackByteForByte() throws Exception {
    assertThat(http.put(Vectors.Z32, Vectors.A).statusCode()).isEqualTo(204);
    HttpResponse<byte[]> got = http.get("/pkarr/" + Vectors.Z32);
    assertThat(got.headers().firstValue("content-type"))
        .contains("application/x-pkarr-signed-packet");
    assertThat(got.body()).isEqualTo(Vectors.A);
  }

  @Test
  void theQueryOfTheVectorIsAnsweredAlikeOverEveryTransport() throws Exception {
    http.put(Vectors.Z32, Vectors.A);
    assertThat(ask.udp(Vectors.QUERY)).isEqualTo(Vectors.RESPONSE);
    assertThat(ask.tcp(Vectors.QUERY)).isEqualTo(Vectors.RESPONSE);
    assertThat(http.get("/dns-query?dns=" + Vectors.QUERY_BASE64URL).body())
        .isEqualTo(Vectors.RESPONSE);
    HttpResponse<byte[]> posted =
        http.send(
            http.to("/dns-query").POST(HttpRequest.BodyPublishers.ofByteArray(Vectors.QUERY)));
    assertThat(posted.body()).isEqualTo(Vectors.RESPONSE);
    assertThat(posted.headers().firstValue("cache-control")).isEmpty();
  }

  @Test
  void anotherTypeOfANameThatIsThereIsNotANameThatDoesNotExist() throws Exception {
    http.put(Vectors.Z32, Vectors.A);
    for (String name : List.of(NAME, Vectors.Z32 + ".irohdns.example.")) {
      for (int type : List.of(Type.A, Type.NS)) {
        Message answer = ask.udp(name, type);
        assertThat(answer.getRcode()).as(name).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
        Record soa = answer.getSection(Section.AUTHORITY).get(0);
        assertThat(soa.getName()).hasToString("irohdns.example.");
        assertThat(soa.getTTL()).isEqualTo(3600);
      }
    }
    assertThat(ask.udp("other." + Vectors.Z32 + ".irohdns.example.", Type.TXT).getRcode())
        .isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void anOlderPacketIsIgnoredAndSaidToBeTaken() throws Exception {
    SignedPacket newer = Vectors.packet(key, 10, List.of(Vectors.txt(below("a."), "newer")));
    SignedPacket older = Vectors.packet(key, 9, List.of(Vectors.txt(below("a."), "older")));
    assertThat(http.put(newer)).isEqualTo(204);
    assertThat(http.put(older)).isEqualTo(204);
    assertThat(http.get("/pkarr/" + key.nodeId().toZ32()).body()).isEqualTo(newer.relayPayload());
    assertThat(server.metrics())
        .containsEntry("pkarr_publish_update", 1L)
        .containsEntry("pkarr_publish_noop", 1L);
  }

  @Test
  void ofTwoPacketsOfOneTimeTheGreaterBytesWinInEitherOrder() throws Exception {
    SignedPacket small = Vectors.packet(key, 10, List.of(Vectors.txt(below("a."), "a")));
    SignedPacket great = Vectors.packet(key, 10, List.of(Vectors.txt(below("a."), "b")));
    for (List<SignedPacket> order : List.of(List.of(small, great), List.of(great, small))) {
      for (SignedPacket packet : order) {
        assertThat(http.put(packet)).isEqualTo(204);
      }
      assertThat(Ask.data(ask.udp(below("a."), Type.TXT))).containsExactly("b");
    }
  }

  @Test
  void anUpdateIsServedAtOnceThoughTheZoneWasInMemory() throws Exception {
    for (int i = 1; i <= 50; i++) {
      http.put(Vectors.packet(key, i, List.of(Vectors.txt(below("a."), "version " + i))));
      assertThat(Ask.data(ask.udp(below("a."), Type.TXT))).containsExactly("version " + i);
    }
  }

  @Test
  void aKeyThatDidNotExistIsFoundAsSoonAsItIsPublished() throws Exception {
    assertThat(ask.udp(below("a."), Type.TXT).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    http.put(Vectors.packet(key, 1, List.of(Vectors.txt(below("a."), "here"))));
    assertThat(Ask.data(ask.udp(below("a."), Type.TXT))).containsExactly("here");
  }

  @Test
  void aPacketThatGetsTooOldIsGoneFromMemoryToo() throws Exception {
    http.put(Vectors.Z32, Vectors.A);
    assertThat(ask.udp(NAME, Type.TXT).getSection(Section.ANSWER)).hasSize(3);
    try (Eviction eviction =
        Eviction.start(store, Duration.ofMillis(100), Duration.ofMillis(100))) {
      Await.until(
          "eviction",
          Duration.ofSeconds(10),
          () -> server.metrics().get("store_packets_expired") == 1);
      assertThat(ask.udp(NAME, Type.TXT).getRcode()).isEqualTo(Rcode.NXDOMAIN);
      assertThat(http.get("/pkarr/" + Vectors.Z32).statusCode()).isEqualTo(404);
      assertThat(eviction).isNotNull();
    }
  }

  @Test
  void aKeyThatNobodyPublishedHereIsAskedForElsewhereOnce() throws Exception {
    SignedPacket elsewhere = Vectors.packet(key, 1, List.of(Vectors.txt(below("a."), "dht")));
    AtomicInteger asked = new AtomicInteger();
    try (DnsServer with =
        DnsServer.builder()
            .http(ANY)
            .fallback(
                id -> {
                  asked.incrementAndGet();
                  return CompletableFuture.completedFuture(
                      Optional.of(elsewhere).filter(p -> p.nodeId().equals(id)));
                })
            .bind()) {
      Ask here = new Ask(with);
      String unknown = "a." + SecretKey.generate().nodeId().toZ32() + ".";
      for (int i = 0; i < 3; i++) {
        assertThat(Ask.data(here.udp(below("a."), Type.TXT))).containsExactly("dht");
        assertThat(here.udp(unknown, Type.TXT).getRcode()).isEqualTo(Rcode.NXDOMAIN);
      }
      assertThat(asked).hasValue(2);
      assertThat(new Http(with).get("/pkarr/" + key.nodeId().toZ32()).statusCode())
          .as("GET does not ask elsewhere")
          .isEqualTo(404);
      new Http(with).put(Vectors.packet(key, 2, List.of(Vectors.txt(below("a."), "published"))));
      assertThat(Ask.data(here.udp(below("a."), Type.TXT))).containsExactly("published");
    }
  }

  @Test
  void theServersOwnNamesHaveItsRecords() throws Exception {
    Message soa = ask.udp("irohdns.example.", Type.SOA);
    assertThat(soa.getHeader().getFlag(Flags.AA)).isTrue();
    assertThat(soa.getHeader().getFlag(Flags.RA)).isFalse();
    assertThat(soa.getSection(Section.ANSWER).get(0).getTTL()).isEqualTo(1_209_600);
    assertThat(ask.udp("irohdns.example.", Type.MX).getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(ask.udp("example.", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(ask.udp("foo.irohdns.example.", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    assertThatThrownBy(() -> DnsServer.builder().dns(server.dnsAddress()).bind())
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining(String.valueOf(server.dnsAddress().getPort()))
        .hasMessageContaining("choose another");
  }

  @Test
  void whileItDrainsItSaysSoAndServesOn() throws Exception {
    CompletableFuture<Void> drained =
        CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(20)));
    Await.until(
        "draining",
        Duration.ofSeconds(10),
        () -> {
          try {
            return http.get("/healthz").statusCode() == 503;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertThat(ask.udp("irohdns.example.", Type.SOA).getRcode()).isEqualTo(Rcode.NOERROR);
    server.close();
    drained.get(10, TimeUnit.SECONDS);
  }
}
