package dev.warren.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.Contexts;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.RecordingSink;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.testlab.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;

/** Nodes found by their TXT records, or not. */
@Tag("trouble")
class DnsDiscoveryTest {
  private static final SecretKey KEY = SecretKey.generate();
  private static final NodeId ID = KEY.nodeId();
  private static final List<Duration> QUICK = List.of(Duration.ofMillis(20), Duration.ofMillis(40));

  private final Contexts contexts = new Contexts();

  @AfterEach
  void close() {
    contexts.close();
  }

  private DnsDiscovery discovery(FakeDns server, String... origins) throws Exception {
    return discovery(contexts.onLoopback(KEY), server, QUICK, origins);
  }

  private static DnsDiscovery discovery(
      DiscoveryContext context, FakeDns server, List<Duration> stagger, String... origins)
      throws Exception {
    DnsDiscovery.Builder builder = DnsDiscovery.builder(origins[0]);
    Stream.of(origins).skip(1).forEach(builder::origin);
    return builder
        .stagger(stagger)
        .resolver(DnsResolver.builder().server(server.server()).timeout(Duration.ofSeconds(5)))
        .create(context);
  }

  private static Name owner(String origin) {
    return TxtRecords.owner(ID, Name.fromConstantString(origin));
  }

  private static Record txt(Name owner, String text) {
    return new TXTRecord(owner, DClass.IN, 30, text);
  }

  private static TransportAddr ip(String text) {
    return new TransportAddr.Ip(SocketAddrs.parse(text));
  }

  /** The lookup of discovery section 12.1. */
  @Test
  void theVectorOfTheSpecIsReadAndItsForeignRecordsAreNot() throws Exception {
    NodeId id = NodeId.parse("1992d53c02cdc04566e5c0edb1ce83305cd550297953a047a445ea3264b54b18");
    String name = "_iroh.dgjpkxyn3zyrk3zfads5duwdgbqpkwbjxfj4yt7rezidr3fijccy.dns.iroh.link.";
    Name owner = Name.fromString(name);
    Name foreign = TxtRecords.owner(ID, Name.fromString("dns.iroh.link."));
    String other = "relay=https://euw1-2.relay.iroh.network./";
    Record[] records = {
      txt(owner, "addr=192.168.96.145:60165"),
      txt(owner, "addr=213.208.157.87:60165"),
      new ARecord(owner, DClass.IN, 30, java.net.InetAddress.getByName("192.0.2.9")),
      txt(foreign, other),
      txt(Name.fromString("dns.iroh.link."), other),
      txt(owner, "relay=https://euw1-1.relay.iroh.network./")
    };
    try (FakeDns server = FakeDns.answering(records);
        DnsDiscovery dns = discovery(server, "dns.iroh.link")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(id, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(server.questions.get(0).getQuestion().getName()).hasToString(name);
      assertThat(sink.items).hasSize(1);
      assertThat(sink.items.get(0).id()).isEqualTo(id);
      assertThat(sink.items.get(0).provenance()).isEqualTo("dns");
      assertThat(sink.items.get(0).data().relays())
          .containsExactly(RelayUrl.parse("https://euw1-1.relay.iroh.network./"));
      assertThat(sink.items.get(0).data().direct())
          .containsExactly(
              SocketAddrs.parse("192.168.96.145:60165"), SocketAddrs.parse("213.208.157.87:60165"));
    }
  }

  @Test
  void addressesThatAreNotWorthAPacketAreCountedAndNotTold() throws Exception {
    Record[] records =
        Stream.of(
                "addr=127.0.0.1:80",
                "addr=224.0.0.1:80",
                "addr=255.255.255.255:80",
                "addr=0.0.0.0:80",
                "addr=192.0.2.1:0",
                "addr=[fe80::1]:80",
                "addr=192.0.2.1:80",
                "relay=https://user@r.example/",
                "relay=file:///x",
                "hello")
            .map(t -> txt(owner("dns.example."), t))
            .toArray(Record[]::new);
    try (FakeDns server = FakeDns.answering(records);
        DnsDiscovery dns = discovery(contexts.reachable(KEY), server, QUICK, "dns.example")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items.get(0).data().addrs()).containsExactly(ip("192.0.2.1:80"));
      assertThat(dns.metrics())
          .containsEntry("refusedAddresses", 6L)
          .containsEntry("skippedValues", 3L);
    }
  }

  @Test
  void anEndpointOnLoopbackIsToldLoopbackAddresses() throws Exception {
    try (FakeDns server = FakeDns.answering(txt(owner("dns.example."), "addr=127.0.0.1:80"));
        DnsDiscovery dns = discovery(server, "dns.example")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items.get(0).data().addrs()).containsExactly(ip("127.0.0.1:80"));
    }
  }

  @Test
  void tenThousandStringsAreReadBounded() throws Exception {
    Name owner = owner("dns.example.");
    Record one =
        new TXTRecord(owner, DClass.IN, 30, IntStream.range(0, 10_000).mapToObj(i -> "x").toList());
    List<Record> records = new ArrayList<>(List.of(one));
    IntStream.range(0, 1000).forEach(i -> records.add(txt(owner, "addr=192.0.2.1:" + (i + 1))));
    FakeDns.Script script =
        (question, tcp) -> {
          Message whole = FakeDns.answer(question, records.toArray(Record[]::new));
          return List.of(tcp ? whole.toWire() : whole.toWire(512));
        };
    try (FakeDns server = new FakeDns(script);
        DnsDiscovery dns = discovery(server, "dns.example")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items.get(0).data().addrs()).hasSize(TxtRecords.MAX_ADDRS);
    }
  }

  @Test
  void anAttemptThatGetsNoAnswerDelaysNoOther() throws Exception {
    AtomicInteger questions = new AtomicInteger();
    FakeDns.Script script =
        (question, tcp) ->
            questions.incrementAndGet() < 3
                ? List.of()
                : List.of(
                    FakeDns.answer(question, txt(owner("dns.example."), "addr=192.0.2.1:1"))
                        .toWire());
    try (FakeDns server = new FakeDns(script);
        DnsDiscovery dns = discovery(server, "dns.example")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).hasSize(1);
      assertThat(server.questions).hasSize(3);
    }
  }

  @Test
  void aNodeThatIsPublishedAfterTheFirstAnswerIsFound() throws Exception {
    AtomicInteger questions = new AtomicInteger();
    FakeDns.Script script =
        (question, tcp) ->
            List.of(
                questions.incrementAndGet() == 1
                    ? FakeDns.refusal(question, Rcode.NXDOMAIN)
                    : FakeDns.answer(question, txt(owner("dns.example."), "addr=192.0.2.1:1"))
                        .toWire());
    try (FakeDns server = new FakeDns(script);
        DnsDiscovery dns = discovery(server, "dns.example")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).hasSize(1);
    }
  }

  @Test
  void aNodeThatIsNotThereIsNoFailureAndTheStormOfAnswersEnds() throws Exception {
    try (FakeDns server = new FakeDns((q, tcp) -> List.of(FakeDns.refusal(q, Rcode.NXDOMAIN)));
        DnsDiscovery dns = discovery(server, "dns.example")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).isEmpty();
      assertThat(server.questions).hasSize(1 + QUICK.size());
    }
  }

  @Test
  void theFailureOfAllOriginsNamesThemAndTheServers() throws Exception {
    try (FakeDns server = new FakeDns((q, tcp) -> List.of(FakeDns.refusal(q, Rcode.SERVFAIL)));
        DnsDiscovery dns = discovery(server, "one.example", "two.example.")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end())
          .contains("one.example.")
          .contains("two.example.")
          .contains(server.server() + " answered SERVFAIL");
      assertThat(sink.ends).hasSize(1);
    }
  }

  @Test
  void oneOriginThatFailsDoesNotFailTheLookup() throws Exception {
    FakeDns.Script script =
        (question, tcp) ->
            List.of(
                question.getQuestion().getName().equals(owner("two.example."))
                    ? FakeDns.answer(question, txt(owner("two.example."), "addr=192.0.2.1:1"))
                        .toWire()
                    : FakeDns.refusal(question, Rcode.SERVFAIL));
    try (FakeDns server = new FakeDns(script);
        DnsDiscovery dns = discovery(server, "one.example", "two.example")) {
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items).hasSize(1);
    }
  }

  @Test
  void aClosedLookupAsksNothingMore() throws Exception {
    List<Duration> slow = List.of(Duration.ofMillis(800), Duration.ofMillis(2400));
    try (FakeDns server = new FakeDns((q, tcp) -> List.of());
        DnsDiscovery dns = discovery(contexts.onLoopback(KEY), server, slow, "dns.example")) {
      RecordingSink sink = new RecordingSink();
      Subscription lookup = dns.resolve(ID, sink);
      Await.until(Duration.ofSeconds(10), () -> !server.questions.isEmpty());
      lookup.close();
      // The third attempt of a lookup begun later is long after the second that the first had.
      Subscription other = dns.resolve(SecretKey.generate().nodeId(), new RecordingSink());
      Await.until(Duration.ofSeconds(10), () -> server.questions.size() >= 4);
      other.close();
      assertThat(server.questions.stream().filter(DnsDiscoveryTest::isOurs)).hasSize(1);
      assertThat(sink.ends).isEmpty();
    }
  }

  private static boolean isOurs(Message question) {
    return question.getQuestion().getName().equals(owner("dns.example."));
  }

  @Test
  void closingFailsLookupsAndLaterOnesFailAtOnce() throws Exception {
    try (FakeDns server = new FakeDns((q, tcp) -> List.of())) {
      DnsDiscovery dns = discovery(server, "dns.example");
      RecordingSink sink = new RecordingSink();
      dns.resolve(ID, sink);
      Await.until(Duration.ofSeconds(10), () -> !server.questions.isEmpty());
      dns.close();
      assertThat(sink.end()).contains("closed");
      RecordingSink late = new RecordingSink();
      dns.resolve(ID, late);
      assertThat(late.end()).contains("closed");
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(t -> t.getName().startsWith("warren-discovery"));
    }
  }

  @Test
  void originsThatAreNoneAreRefused() {
    assertThatThrownBy(() -> DnsDiscovery.builder("a..b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DnsDiscovery.builder("a".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
    // With the root 196 bytes, beside which the 59 of a node's labels just fit into 255.
    String longest = ("a".repeat(63) + ".").repeat(3) + "aa";
    assertThat(DnsDiscovery.builder(longest)).isNotNull();
    assertThatThrownBy(() -> DnsDiscovery.builder(longest + "a")).hasMessageContaining("too long");
  }
}
