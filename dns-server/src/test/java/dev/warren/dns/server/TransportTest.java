package dev.warren.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.store.MemoryPacketStore;
import dev.warren.dns.server.store.Packets;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What dns-server section 6.1 says of UDP, TCP and EDNS. */
class TransportTest {
  private final SecretKey key = SecretKey.generate();
  private final String name = "big." + key.nodeId().toZ32() + ".";
  private final MemoryPacketStore store = new MemoryPacketStore();
  private DnsServer server;
  private Ask ask;

  @BeforeEach
  void start() throws Exception {
    start(DnsLimits.defaults());
    List<Record> records = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      records.add(Vectors.txt(name, i + "x".repeat(98)));
    }
    SignedPacket packet = Vectors.packet(key, 1, records);
    Packets.await(store.upsert(packet));
  }

  private void start(DnsLimits limits) throws Exception {
    server = DnsServer.builder().store(store).limits(limits).bind();
    ask = new Ask(server);
  }

  @AfterEach
  void end() {
    server.close();
  }

  private Message edns(int payload, int version) {
    Message query = Ask.query(name, Type.TXT);
    query.addRecord(new OPTRecord(payload, 0, version), Section.ADDITIONAL);
    return query;
  }

  @Test
  void anAnswerThatIsTooLongForADatagramSaysSoAndIsWholeOverTcp() throws Exception {
    Message cut = ask.udp(name, Type.TXT);
    assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(cut.getSection(Section.ANSWER)).isEmpty();
    assertThat(cut.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(cut.getQuestion().getName()).hasToString(name);
    Message whole = ask.tcp(Ask.query(name, Type.TXT));
    assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
    assertThat(whole.getSection(Section.ANSWER)).hasSize(7);
  }

  @Test
  void whoCanTakeMoreGetsMore() throws Exception {
    Message whole = ask.udp(edns(1232, 0));
    assertThat(whole.getSection(Section.ANSWER)).hasSize(7);
    assertThat(whole.getOPT().getPayloadSize()).isEqualTo(1232);
    assertThat(whole.getOPT().getVersion()).isZero();
    Message cut = ask.udp(edns(600, 0));
    assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(cut.getOPT().getPayloadSize()).isEqualTo(600);
    assertThat(ask.udp(edns(10, 0)).getOPT().getPayloadSize()).isEqualTo(512);
  }

  @Test
  void anEdnsOfTheFutureIsToldWhatWeSpeak() throws Exception {
    Message answer = ask.udp(edns(1232, 1));
    assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
    assertThat(answer.getOPT().getVersion()).isZero();
    assertThat(answer.getSection(Section.ANSWER)).isEmpty();
  }

  @Test
  void queriesOfOneConnectionMayBeSentAhead() throws Exception {
    try (Socket socket = ask.connect()) {
      for (int i = 0; i < 200; i++) {
        Message query = Ask.query(name, Type.TXT);
        query.getHeader().setID(i);
        Ask.send(socket, query.toWire());
      }
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ids.add(new Message(Ask.receive(socket)).getHeader().getID());
      }
      assertThat(ids).doesNotHaveDuplicates();
    }
  }

  @Test
  void aSilentConnectionIsCut() throws Exception {
    server.close();
    DnsServer quick =
        DnsServer.builder()
            .limits(
                DnsLimits.defaults()
                    .times(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(1)))
            .bind();
    server = quick;
    try (Socket socket = new Ask(quick).connect()) {
      socket.getOutputStream().write(0);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void whoGetsTooMuchGetsNoMoreThanHeSent() throws Exception {
    server.close();
    DnsServer limited = DnsServer.builder().limits(DnsLimits.defaults().answersPerSecond(5)).bind();
    server = limited;
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(10_000);
      socket.connect(limited.dnsAddress());
      int cut = 0;
      for (int i = 0; i < 200; i++) {
        byte[] query = Ask.query("irohdns.example.", Type.SOA).toWire();
        socket.send(new DatagramPacket(query, query.length));
        DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
        socket.receive(answer);
        Message read = new Message(Arrays.copyOf(answer.getData(), answer.getLength()));
        if (read.getHeader().getFlag(Flags.TC)) {
          cut++;
          assertThat(answer.getLength()).isLessThanOrEqualTo(query.length);
        }
      }
      assertThat(cut).isGreaterThan(50);
    }
    assertThat(new Ask(limited).tcp(Ask.query("irohdns.example.", Type.SOA)).getRcode())
        .as("who turns to TCP is who he says")
        .isEqualTo(Rcode.NOERROR);
  }
}
