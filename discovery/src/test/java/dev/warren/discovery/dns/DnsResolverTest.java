package dev.warren.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.discovery.FakeHttp;
import dev.warren.discovery.TestCertificate;
import dev.warren.discovery.io.HttpClient;
import dev.warren.discovery.io.SharedLoop;
import dev.warren.discovery.io.Tls;
import dev.warren.testlab.Await;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** The resolver before servers that answer, lie, fail and keep silent. */
@Tag("trouble")
class DnsResolverTest {
  private static final Name NAME = Name.fromConstantString("node.example.");
  private static final Record GOOD = new TXTRecord(NAME, DClass.IN, 0, "good");
  private static final Record BAD = new TXTRecord(NAME, DClass.IN, 0, "bad");

  @TempDir Path dir;

  private static DnsResolver.Builder asking(NameServer... servers) {
    DnsResolver.Builder builder = DnsResolver.builder().timeout(Duration.ofSeconds(10));
    List.of(servers).forEach(builder::server);
    return builder;
  }

  private static List<Record> ask(DnsResolver resolver) throws Exception {
    return resolver.lookup(NAME, Type.TXT).get(15, TimeUnit.SECONDS);
  }

  private static String failure(DnsResolver resolver) {
    try {
      ask(resolver);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(IOException.class);
      return e.getCause().getMessage();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("an answer");
  }

  @Test
  void everyQuestionHasARandomIdAndPortAndAnnouncesRoomForItsAnswer() throws Exception {
    try (FakeDns server = FakeDns.answering(GOOD);
        DnsResolver resolver = asking(server.server()).build()) {
      for (int i = 0; i < 20; i++) {
        assertThat(ask(resolver)).containsExactly(GOOD);
      }
      Set<Integer> ports = new HashSet<>();
      server.clients.forEach(c -> ports.add(c.getPort()));
      Set<Integer> ids = new HashSet<>();
      server.questions.forEach(q -> ids.add(q.getHeader().getID()));
      assertThat(ports).hasSizeGreaterThan(15);
      assertThat(ids).hasSizeGreaterThan(15);
      Message question = server.questions.get(0);
      assertThat(question.getOPT().getPayloadSize()).isEqualTo(1232);
      assertThat(question.getHeader().getFlag(Flags.RD)).isTrue();
      assertThat(question.getQuestion().getName()).isEqualTo(NAME);
    }
  }

  @Test
  void answersWithAWrongIdOrAnotherQuestionAreDroppedAndTheRightOneIsTaken() throws Exception {
    FakeDns.Script spoofing =
        (question, tcp) -> {
          List<byte[]> all = new ArrayList<>();
          for (int i = 1; i <= 100; i++) {
            Message guess = FakeDns.answer(question, BAD);
            guess.getHeader().setID((question.getHeader().getID() + i) & 0xffff);
            all.add(guess.toWire());
          }
          Message other = new Message(question.getHeader().getID());
          other.getHeader().setFlag(Flags.QR);
          other.addRecord(
              Record.newRecord(Name.fromString("other.example."), Type.TXT, DClass.IN),
              Section.QUESTION);
          other.addRecord(BAD, Section.ANSWER);
          all.add(other.toWire());
          all.add(new byte[] {1, 2, 3});
          all.add(question.toWire());
          all.add(FakeDns.answer(question, GOOD).toWire());
          return all;
        };
    try (FakeDns server = new FakeDns(spoofing);
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(ask(resolver)).containsExactly(GOOD);
      assertThat(resolver.metrics()).containsEntry("ignored", 103L);
    }
  }

  @Test
  void anAnswerFromAnotherPortOrAddressIsNotSeen() throws Exception {
    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        DatagramSocket elsewhere = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"))) {
      List<FakeDns> self = new ArrayList<>();
      FakeDns.Script script =
          (question, tcp) -> {
            byte[] bad = FakeDns.answer(question, BAD).toWire();
            InetSocketAddress client = self.get(0).clients.get(0);
            stranger.send(new DatagramPacket(bad, bad.length, client));
            elsewhere.send(new DatagramPacket(bad, bad.length, client));
            return List.of(FakeDns.answer(question, GOOD).toWire());
          };
      try (FakeDns server = new FakeDns(script);
          DnsResolver resolver = asking(server.server()).build()) {
        self.add(server);
        assertThat(ask(resolver)).containsExactly(GOOD);
      }
    }
  }

  @Test
  void aTruncatedAnswerIsAskedForAgainOverTcp() throws Exception {
    Record[] many =
        IntStream.range(0, 200)
            .mapToObj(i -> new TXTRecord(NAME, DClass.IN, 30, "x".repeat(200) + i))
            .toArray(Record[]::new);
    FakeDns.Script script =
        (question, tcp) -> {
          Message whole = FakeDns.answer(question, many);
          return List.of(tcp ? whole.toWire() : whole.toWire(512));
        };
    try (FakeDns server = new FakeDns(script);
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(ask(resolver)).hasSize(200);
      assertThat(resolver.metrics()).containsEntry("truncated", 1L);
    }
  }

  @Test
  void anAnswerCutInTheMiddleOfARecordCountsAsTruncated() throws Exception {
    FakeDns.Script script =
        (question, tcp) -> {
          Message whole = FakeDns.answer(question, GOOD);
          if (tcp) {
            return List.of(whole.toWire());
          }
          whole.getHeader().setFlag(Flags.TC);
          byte[] bytes = whole.toWire();
          return List.of(java.util.Arrays.copyOf(bytes, bytes.length - 3));
        };
    try (FakeDns server = new FakeDns(script);
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(ask(resolver)).containsExactly(GOOD);
    }
  }

  @Test
  void threeThousandRecordsAreAnAnswerToo() throws Exception {
    Record[] many =
        IntStream.range(0, 3000)
            .mapToObj(i -> new TXTRecord(NAME, DClass.IN, 30, "a" + i))
            .toArray(Record[]::new);
    FakeDns.Script script =
        (question, tcp) -> {
          Message whole = FakeDns.answer(question, many);
          return List.of(tcp ? whole.toWire() : whole.toWire(512));
        };
    try (FakeDns server = new FakeDns(script);
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(ask(resolver)).hasSize(3000);
    }
  }

  @Test
  void aNameThatIsNotThereAndOneWithoutTheTypeHaveNoRecordsAndAreNotRemembered() throws Exception {
    for (int rcode : List.of(Rcode.NXDOMAIN, Rcode.NOERROR)) {
      try (FakeDns server = new FakeDns((q, tcp) -> List.of(FakeDns.refusal(q, rcode)));
          DnsResolver resolver = asking(server.server()).build()) {
        assertThat(ask(resolver)).isEmpty();
        assertThat(ask(resolver)).isEmpty();
        assertThat(server.questions).hasSize(2);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Rcode.SERVFAIL, Rcode.REFUSED})
  void whenAServerFailsTheNextIsAsked(int rcode) throws Exception {
    try (FakeDns broken = new FakeDns((q, tcp) -> List.of(FakeDns.refusal(q, rcode)));
        FakeDns good = FakeDns.answering(GOOD);
        DnsResolver resolver = asking(broken.server(), good.server()).build()) {
      assertThat(ask(resolver)).containsExactly(GOOD);
      assertThat(broken.questions).hasSize(1);
    }
  }

  @Test
  void theErrorNamesEveryServerWithWhatBecameOfIt() throws Exception {
    int nobody;
    try (DatagramSocket gone = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      nobody = gone.getLocalPort();
    }
    try (FakeDns broken = new FakeDns((q, tcp) -> List.of(FakeDns.refusal(q, Rcode.SERVFAIL)));
        DnsResolver resolver =
            asking(broken.server(), NameServer.parse("127.0.0.1:" + nobody)).build()) {
      assertThat(failure(resolver))
          .contains("TXT node.example.")
          .contains(broken.server() + " answered SERVFAIL")
          .contains("127.0.0.1:" + nobody + " cannot be reached: nobody listens there");
    }
  }

  @Test
  void aServerFromBeforeEdnsIsAskedWithout() throws Exception {
    FakeDns.Script old =
        (question, tcp) ->
            List.of(
                question.getOPT() != null
                    ? FakeDns.refusal(question, Rcode.FORMERR)
                    : FakeDns.answer(question, GOOD).toWire());
    try (FakeDns server = new FakeDns(old);
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(ask(resolver)).containsExactly(GOOD);
    }
    try (FakeDns server = new FakeDns((q, tcp) -> List.of(FakeDns.refusal(q, Rcode.FORMERR)));
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(failure(resolver)).contains("FORMERR");
      assertThat(server.questions).hasSize(2);
    }
  }

  @Test
  void aServerThatNeverAnswersEndsWithTheTime() throws Exception {
    try (FakeDns silent = new FakeDns((q, tcp) -> List.of());
        DnsResolver resolver = asking(silent.server()).timeout(Duration.ofMillis(200)).build()) {
      assertThat(failure(resolver)).contains(silent.server() + " did not answer within");
    }
  }

  @Test
  void anAnswerThatComesTooLateChangesNothing() throws Exception {
    CompletableFuture<Void> late = new CompletableFuture<>();
    FakeDns.Script script =
        (question, tcp) -> {
          late.get(15, TimeUnit.SECONDS);
          return List.of(FakeDns.answer(question, GOOD).toWire());
        };
    try (FakeDns server = new FakeDns(script);
        DnsResolver hasty = asking(server.server()).timeout(Duration.ofMillis(100)).build();
        DnsResolver patient = asking(server.server()).build()) {
      assertThat(failure(hasty)).contains("did not answer within");
      late.complete(null);
      assertThat(ask(patient)).containsExactly(GOOD);
      assertThat(hasty.metrics()).containsEntry("ignored", 0L).containsEntry("answers", 0L);
    }
  }

  @Test
  void aSystemThatNeverSaysItsServersOrTheAddressOfOneEndsWithTheTime() {
    Duration limit = Duration.ofMillis(50);
    try (DnsResolver system = DnsResolver.builder().timeout(limit).executor(task -> {}).build()) {
      assertThat(failure(system)).contains("did not say its name servers");
    }
    try (DnsResolver named =
        asking(NameServer.parse("tls://dns.invalid")).timeout(limit).executor(task -> {}).build()) {
      assertThat(failure(named))
          .contains("tls://dns.invalid:853 did not answer, or the system did not say its address");
    }
  }

  @Test
  void theTimeOfALookupThatEndsBeforeItsServersDoesBlamesTheServerAndNotTheSystem()
      throws Exception {
    CompletableFuture<List<Record>> result = new CompletableFuture<>();
    try (FakeDns silent = new FakeDns((question, tcp) -> List.of());
        SharedLoop share = SharedLoop.acquire()) {
      EventLoop loop = share.loop();
      DnsCounters counters = new DnsCounters();
      Tls tls = Tls.of(null);
      DnsTransport transport =
          new DnsTransport(
              loop, Runnable::run, tls, new HttpClient(loop, Runnable::run, tls, null), counters);
      DnsLookup lookup =
          new DnsLookup(transport, counters, NAME, Type.TXT, Duration.ofMinutes(1), result);
      lookup.limit(loop, Duration.ZERO);
      lookup.start(List.of(silent.server()), null, 0);
      assertThat(result)
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableThat()
          .withMessageEndingWith("within the time: " + silent.server() + " did not answer");
    }
  }

  @Test
  void aliasesAreFollowedAndCirclesEnd() throws Exception {
    Name other = Name.fromConstantString("other.example.");
    Record there = new TXTRecord(other, DClass.IN, 0, "there");
    FakeDns.Script aliased =
        (question, tcp) ->
            List.of(
                FakeDns.answer(
                        question,
                        question.getQuestion().getName().equals(NAME)
                            ? new CNAMERecord(NAME, DClass.IN, 0, other)
                            : there)
                    .toWire());
    try (FakeDns server = new FakeDns(aliased);
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(ask(resolver)).containsExactly(there);
    }
    FakeDns.Script circle =
        (question, tcp) -> {
          Name name = question.getQuestion().getName();
          Record alias = new CNAMERecord(name, DClass.IN, 0, name.equals(NAME) ? other : NAME);
          return List.of(FakeDns.answer(question, alias).toWire());
        };
    try (FakeDns server = new FakeDns(circle);
        DnsResolver resolver = asking(server.server()).build()) {
      assertThat(failure(resolver)).contains("go in a circle");
      assertThat(server.questions).hasSize(2);
      assertThat(resolver.metrics()).containsEntry("brokenAliases", 1L);
    }
  }

  @Test
  void answersAreRememberedUntilTheNetworkChanges() throws Exception {
    Record lasting = new TXTRecord(NAME, DClass.IN, 30, "good");
    try (FakeDns server = FakeDns.answering(lasting);
        DnsResolver resolver = asking(server.server()).build()) {
      ask(resolver);
      ask(resolver);
      assertThat(server.questions).hasSize(1);
      assertThat(resolver.metrics()).containsEntry("cached", 1L);
      resolver.networkChanged();
      ask(resolver);
      assertThat(server.questions).hasSize(2);
    }
  }

  @Test
  void anAnswerOfTheNetworkBeforeIsNotRemembered() throws Exception {
    Record lasting = new TXTRecord(NAME, DClass.IN, 30, "good");
    CompletableFuture<Void> changed = new CompletableFuture<>();
    FakeDns.Script script =
        (question, tcp) -> {
          changed.get(15, TimeUnit.SECONDS);
          return List.of(FakeDns.answer(question, lasting).toWire());
        };
    try (FakeDns server = new FakeDns(script);
        DnsResolver resolver = asking(server.server()).build()) {
      CompletableFuture<List<Record>> before = resolver.lookup(NAME, Type.TXT);
      resolver.networkChanged();
      changed.complete(null);
      assertThat(before.get(15, TimeUnit.SECONDS)).containsExactly(lasting);
      ask(resolver);
      assertThat(server.questions).hasSize(2);
    }
  }

  @Test
  void aCancelledLookupAsksNobodyElse() throws Exception {
    try (FakeDns silent = new FakeDns((q, tcp) -> List.of());
        FakeDns second = FakeDns.answering(GOOD);
        DnsResolver resolver = asking(silent.server(), second.server()).build()) {
      CompletableFuture<List<Record>> lookup = resolver.lookup(NAME, Type.TXT);
      Await.until(Duration.ofSeconds(10), () -> silent.questions.size() == 1);
      lookup.cancel(false);
      // Its socket is closed: what is sent there is refused, which the sender hears.
      try (DatagramSocket probe = new DatagramSocket()) {
        probe.connect(silent.clients.get(0));
        probe.setSoTimeout(50);
        Await.until(
            "the socket of the lookup to be closed",
            Duration.ofSeconds(10),
            () -> {
              try {
                probe.send(new DatagramPacket(new byte[1], 1));
                probe.receive(new DatagramPacket(new byte[1], 1));
                return false;
              } catch (java.net.SocketTimeoutException open) {
                return false;
              } catch (IOException refused) {
                return true;
              }
            });
      }
      assertThat(second.questions).isEmpty();
    }
  }

  @Test
  void closingEndsLookupsAndTheThread() throws Exception {
    try (FakeDns silent = new FakeDns((q, tcp) -> List.of())) {
      DnsResolver resolver = asking(silent.server()).build();
      CompletableFuture<List<Record>> lookup = resolver.lookup(NAME, Type.TXT);
      Await.until(Duration.ofSeconds(10), () -> silent.questions.size() == 1);
      resolver.close();
      resolver.close();
      assertThatThrownBy(() -> lookup.get(5, TimeUnit.SECONDS)).hasMessageContaining("closed");
      assertThat(failure(resolver)).contains("closed");
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(t -> t.getName().startsWith("warren-discovery"));
    }
  }

  @Test
  void answersComeOverTlsIfTheCertificateIsThatOfTheServer() throws Exception {
    TestCertificate certificate = new TestCertificate(dir, "ip:127.0.0.1,dns:localhost");
    try (FakeDns server =
        new FakeDns(
            (q, tcp) -> List.of(FakeDns.answer(q, tcp ? GOOD : BAD).toWire()),
            certificate.server)) {
      String address = "tls://127.0.0.1:" + server.address().getPort();
      try (DnsResolver resolver =
          asking(NameServer.parse(address)).caFile(certificate.pem).build()) {
        assertThat(ask(resolver)).containsExactly(GOOD);
        assertThat(ask(resolver)).as("a resumed session").containsExactly(GOOD);
      }
      try (DnsResolver byName =
          asking(new NameServer.OverTls("localhost", server.address().getPort()))
              .caFile(certificate.pem)
              .build()) {
        assertThat(ask(byName)).containsExactly(GOOD);
      }
      try (DnsResolver untrusting = asking(NameServer.parse(address)).build()) {
        assertThat(failure(untrusting)).contains("signed by nobody whom we trust");
      }
    }
  }

  @Test
  void aCertificateOfAnotherNameIsRefused() throws Exception {
    TestCertificate other = new TestCertificate(dir, "dns:other.test");
    try (FakeDns server =
            new FakeDns((q, tcp) -> List.of(FakeDns.answer(q, BAD).toWire()), other.server);
        DnsResolver resolver =
            asking(new NameServer.OverTls("127.0.0.1", server.address().getPort()))
                .caFile(other.pem)
                .build()) {
      assertThat(failure(resolver)).contains("no TLS");
    }
  }

  @Test
  void answersComeOverHttps() throws Exception {
    TestCertificate certificate = new TestCertificate(dir, "ip:127.0.0.1");
    FakeHttp.Script script =
        (request, out) ->
            out.write(
                FakeHttp.answer(200, FakeDns.answer(new Message(request.body()), GOOD).toWire()));
    try (FakeHttp server = new FakeHttp(script, certificate.server);
        DnsResolver resolver =
            asking(NameServer.parse(server.url("/dns-query").toString()))
                .caFile(certificate.pem)
                .build()) {
      assertThat(ask(resolver)).containsExactly(GOOD);
      assertThat(server.requests.get(0).line()).isEqualTo("POST /dns-query HTTP/1.1");
      assertThat(server.requests.get(0).head())
          .contains("Content-Type: application/dns-message")
          .contains("Accept: application/dns-message");
    }
  }

  @Test
  void whatIsNoAnswerOverHttpsIsAFailureThatSaysSo() throws Exception {
    try (FakeHttp server = new FakeHttp((r, out) -> out.write(FakeHttp.answer(503, new byte[0])));
        DnsResolver resolver =
            asking(NameServer.parse(server.url("/dns-query").toString())).build()) {
      assertThat(failure(resolver)).contains("answered with status 503");
    }
    try (FakeHttp server =
            new FakeHttp((r, out) -> out.write(FakeHttp.answer(200, "<html>".getBytes())));
        DnsResolver resolver =
            asking(NameServer.parse(server.url("/dns-query").toString())).build()) {
      assertThat(failure(resolver)).contains("something else than the answer");
    }
  }

  @Test
  void hundredsOfLookupsAtOnceAreAnswered() throws Exception {
    try (FakeDns server = FakeDns.answering(GOOD);
        DnsResolver resolver = asking(server.server()).build()) {
      List<CompletableFuture<List<Record>>> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        all.add(resolver.lookup(NAME, Type.TXT));
      }
      int answered = 0;
      for (CompletableFuture<List<Record>> one : all) {
        answered += one.exceptionally(lost -> List.of()).get(15, TimeUnit.SECONDS).size();
      }
      assertThat(answered).isGreaterThan(200);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1:53",
    "192.0.2.1:5353, 192.0.2.1:5353",
    "2001:db8::1, [2001:db8::1]:53",
    "[2001:db8::1], [2001:db8::1]:53",
    "[2001:db8::1]:5, [2001:db8::1]:5",
    "tls://dns.example, tls://dns.example:853",
    "TLS://192.0.2.1:8853, tls://192.0.2.1:8853",
    "tls://[2001:db8::1], tls://[2001:db8::1]:853",
    "https://dns.example/dns-query, https://dns.example/dns-query"
  })
  void serversAreReadFromText(String text, String shown) {
    assertThat(NameServer.parse(text)).hasToString(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dns.example",
        "192.0.2.1:",
        "256.0.0.1",
        "tls://",
        "tls://a/b",
        "tls://u@a",
        "https:///x",
        "https://u@h/",
        "ftp://h/",
        "[::1"
      })
  void whatIsNoServerIsRefusedInASentence(String text) {
    assertThatThrownBy(() -> NameServer.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a name server is");
  }

  @Test
  void thePhantomServersOfWindowsAreLeftOut() throws Exception {
    List<InetSocketAddress> all = new ArrayList<>();
    for (String ip :
        List.of(
            "fec0:0:0:ffff::1", "fec0:0:0:ffff::2", "fec0:0:0:ffff::3", "192.0.2.1", "fec0::1")) {
      all.add(new InetSocketAddress(InetAddress.getByName(ip), 53));
    }
    assertThat(SystemServers.usable(all))
        .extracting(Object::toString)
        .containsExactly("192.0.2.1:53", "[fec0::1]:53");
  }
}
