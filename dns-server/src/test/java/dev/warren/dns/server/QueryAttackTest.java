package dev.warren.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.store.MemoryPacketStore;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.store.StoreListener;
import dev.warren.dns.server.store.Upsert;
import dev.warren.testlab.Await;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** What strangers may ask a DNS server; who asks properly is answered all the time. */
@Tag("trouble")
@Tag("attack")
@Timeout(60)
class QueryAttackTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

  private final SecretKey key = SecretKey.generate();
  private final String apex = key.nodeId().toZ32() + ".";
  private DnsServer server;
  private Ask ask;
  private Http http;

  @BeforeEach
  void start() throws Exception {
    start(DnsServer.builder());
  }

  private void start(DnsServer.Builder builder) throws Exception {
    end();
    server = builder.http(ANY).putLimit(PutLimit.DISABLED).bind();
    ask = new Ask(server);
    http = new Http(server);
  }

  @AfterEach
  void end() {
    if (server != null) {
      server.close();
    }
  }

  private void publish(Record... records) throws Exception {
    assertThat(http.put(Vectors.packet(key, 1, List.of(records)))).isEqualTo(204);
  }

  private void assertServes() throws Exception {
    assertThat(ask.udp("irohdns.example.", Type.SOA).getRcode()).isEqualTo(Rcode.NOERROR);
  }

  @Test
  void aliasesThatLeadToEachOtherAreShownAndNotFollowed() throws Exception {
    publish(
        new CNAMERecord(Vectors.name("a." + apex), DClass.IN, 1, Vectors.name("b." + apex)),
        new CNAMERecord(Vectors.name("b." + apex), DClass.IN, 1, Vectors.name("a." + apex)),
        new CNAMERecord(Vectors.name("c." + apex), DClass.IN, 1, Vectors.name("c." + apex)));
    for (String label : List.of("a.", "b.", "c.")) {
      Message answer = ask.udp(label + apex, Type.A);
      assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
      assertThat(answer.getSection(Section.ANSWER).get(0).getType()).isEqualTo(Type.CNAME);
    }
    assertServes();
  }

  @Test
  void asManyStringsAsAPacketHolds() throws Exception {
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < 880; i++) {
      strings.add("");
    }
    publish(new TXTRecord(Vectors.name(apex), DClass.IN, 1, strings));
    assertThat(ask.udp(apex, Type.TXT).getHeader().getFlag(Flags.TC)).isTrue();
    Message whole = ask.tcp(Ask.query(apex, Type.TXT));
    assertThat(((TXTRecord) whole.getSection(Section.ANSWER).get(0)).getStrings()).hasSize(880);
    assertThat(http.get("/dns-query?type=txt&name=" + apex).statusCode()).isEqualTo(200);
  }

  @Test
  void tenThousandStringsFitIntoNoPacket() throws Exception {
    byte[] body = new byte[72 + 10_000];
    new Random(7).nextBytes(body);
    assertThat(http.put(key.nodeId().toZ32(), body).statusCode()).isEqualTo(400);
  }

  @Test
  void aStormOfNamesThatDoNotExistDrivesNothingRealOut() throws Exception {
    publish(Vectors.txt("real." + apex, "real"));
    assertThat(Ask.data(ask.udp("real." + apex, Type.TXT))).containsExactly("real");
    long reads = server.metrics().get("store_reads");
    Random random = new Random(1);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server.dnsAddress());
      for (int i = 0; i < 20_000; i++) {
        byte[] made = new byte[32];
        random.nextBytes(made);
        byte[] query = Ask.query(z32(made) + ".irohdns.example.", Type.TXT).toWire();
        socket.send(new DatagramPacket(query, query.length));
        if (i % 1000 == 0) {
          assertThat(Ask.data(ask.udp("real." + apex, Type.TXT))).containsExactly("real");
        }
      }
    }
    Await.until(
        "the storm is over",
        Duration.ofSeconds(30),
        () -> {
          try {
            return ask.udp("x." + SecretKey.generate().nodeId().toZ32() + ".", Type.A).getRcode()
                == Rcode.NXDOMAIN;
          } catch (SocketTimeoutException busy) {
            return false;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertThat(server.metrics().get("cache_zones")).isEqualTo(1);
    assertThat(server.metrics().get("cache_bytes")).isLessThan(DnsLimits.defaults().cacheBytes());
    assertThat(server.metrics().get("store_reads") - reads)
        .as("half of all bytes are no curve point, and are not looked for")
        .isLessThan(15_000);
    assertThat(Ask.data(ask.udp("real." + apex, Type.TXT))).containsExactly("real");
  }

  private static String z32(byte[] bytes) {
    String alphabet = "ybndrfg8ejkmcpqxot1uwisza345h769";
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 52; i++) {
      int value = 0;
      for (int bit = i * 5; bit < i * 5 + 5; bit++) {
        boolean one = bit < 256 && (bytes[bit / 8] >> 7 - bit % 8 & 1) != 0;
        value = value << 1 | (one ? 1 : 0);
      }
      text.append(alphabet.charAt(value));
    }
    return text.toString();
  }

  @Test
  void aStoreThatNeverAnswersHangsNobody() throws Exception {
    start(DnsServer.builder().store(new Silent()).limits(DnsLimits.defaults().lookups(1)));
    CompletableFuture<Message> first =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return ask.udp("a." + apex, Type.TXT);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    Await.until(
        "the first lookup", Duration.ofSeconds(10), () -> server.metrics().get("store_reads") == 1);
    String other = "a." + SecretKey.generate().nodeId().toZ32() + ".";
    assertThat(ask.udp(other, Type.TXT).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(server.metrics()).containsEntry("dns_lookups_refused", 1L);
    assertThat(first.get(20, TimeUnit.SECONDS).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertServes();
  }

  /** Takes everything and says nothing. */
  private static final class Silent implements PacketStore {
    private final PacketStore real = new MemoryPacketStore();

    @Override
    public CompletionStage<Upsert> upsert(SignedPacket packet) {
      return new CompletableFuture<>();
    }

    @Override
    public CompletionStage<Optional<SignedPacket>> get(NodeId id) {
      return new CompletableFuture<>();
    }

    @Override
    public CompletionStage<Integer> evict(long before, int most) {
      return new CompletableFuture<>();
    }

    @Override
    public void listen(StoreListener listener) {}

    @Override
    public StoreCounters counters() {
      return real.counters();
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @Test
  void datagramsThatAreNoQueriesGetNoAnswer() throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(300);
      socket.connect(server.dnsAddress());
      for (byte[] noise : List.of(new byte[0], new byte[11], Vectors.RESPONSE, new byte[] {1})) {
        socket.send(new DatagramPacket(noise, noise.length));
      }
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      assertThat(catchTimeout(socket, answer)).isTrue();
    }
    assertThat(server.metrics().get("dns_datagrams_ignored")).isBetween(3L, 4L);
    assertServes();
  }

  private static boolean catchTimeout(DatagramSocket socket, DatagramPacket into) throws Exception {
    try {
      socket.receive(into);
      return false;
    } catch (SocketTimeoutException expected) {
      return true;
    }
  }

  @Test
  void rubbishOverTcpEndsTheConnectionAndNothingElse() throws Exception {
    for (byte[] noise : List.of(new byte[20], new byte[] {(byte) 0xff, (byte) 0xff, 1})) {
      try (Socket socket = ask.connect()) {
        socket.getOutputStream().write(noise);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    }
    assertServes();
  }
}
