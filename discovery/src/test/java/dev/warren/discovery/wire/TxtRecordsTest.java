package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

@Tag("trouble")
class TxtRecordsTest {
  private static final NodeId ID = Vectors.KEY.nodeId();

  /** One record for each text; a text with line ends becomes a record of several strings. */
  private static TxtRecords read(String... texts) {
    List<Record> records = new ArrayList<>();
    for (String text : texts) {
      records.add(record(text.split("\n")));
    }
    return TxtRecords.read(records);
  }

  private static Record record(String... strings) {
    var data = new java.io.ByteArrayOutputStream();
    for (String string : strings) {
      byte[] bytes = string.getBytes(StandardCharsets.UTF_8);
      data.write(bytes.length);
      data.writeBytes(bytes);
    }
    return Record.newRecord(
        TxtRecords.packetOwner(ID), Type.TXT, DClass.IN, 30, data.toByteArray());
  }

  private static TransportAddr ip(String text) {
    return new TransportAddr.Ip(SocketAddrs.parse(text));
  }

  private static TransportAddr relay(String text) throws Exception {
    return new TransportAddr.Relay(RelayUrl.parse(text));
  }

  @Test
  void unknownKeysAndFreeTextAreSkippedAndTheRestIsRead() {
    TxtRecords read =
        read("v=spf1 -all", "hello", "", "=x", "Relay=https://a/", "addr=192.0.2.1:1", "new=1");
    assertThat(read.addrs()).containsExactly(ip("192.0.2.1:1"));
    assertThat(read.skipped()).isEqualTo(6);
  }

  @Test
  void valuesAreWhatComesAfterTheFirstEqualsSign() throws Exception {
    TxtRecords read = read("user-data=a=b=c", "relay=https://r.example/?token=x=y");
    assertThat(read.userData()).contains("a=b=c");
    assertThat(read.relays()).containsExactly(RelayUrl.parse("https://r.example/?token=x=y"));
    assertThat(read.cutByOthers()).hasSize(2);
    assertThat(read("user-data=abc").cutByOthers()).isEmpty();
  }

  @Test
  void severalRelaysAreReadInTheirOrderAndDottedHostsStayAsTheyAre() throws Exception {
    TxtRecords read = read("relay=https://b.example./", "addr=[::1]:2", "relay=https://a.example/");
    assertThat(read.relays())
        .extracting(RelayUrl::toString)
        .containsExactly("https://b.example./", "https://a.example/");
  }

  @Test
  void theFirstUserDataCountsAndOneThatIsTooLongDoesNot() {
    assertThat(read("user-data=1", "user-data=2").userData()).contains("1");
    assertThat(read("user-data=" + "x".repeat(150) + "\n" + "x".repeat(96)).userData()).isEmpty();
    assertThat(read("user-data=" + "x".repeat(150) + "\n" + "x".repeat(95)).userData())
        .contains("x".repeat(245));
    assertThat(read("user-data=").userData()).contains("");
    assertThatThrownBy(() -> TxtRecords.of(List.of(), "é".repeat(123)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("246 bytes");
  }

  @Test
  void bytesOfTxtStringsAreNotTheEscapedFormOfZoneFiles() throws Exception {
    String odd = "a\\b\"c;é\u0000 \\065";
    SignedPacket packet =
        TxtRecords.of(List.of(), odd).sign(Vectors.KEY, TxtRecords.DEFAULT_TTL, 1);
    assertThat(TxtRecords.read(SignedPacket.parse(packet.toBytes())).userData()).contains(odd);
    assertThat(new String(packet.dns(), StandardCharsets.UTF_8)).endsWith("user-data=" + odd);
  }

  @Test
  void hostileValuesAreSkippedAndCounted() {
    TxtRecords read =
        read(
            "relay=https://user:secret@r.example/",
            "relay=file:///etc/passwd",
            "relay=https://[fe80::1%25eth0]/",
            "relay=http://",
            "relay=https://" + "a".repeat(10_240).replaceAll("(.{200})", "$1\n"),
            "addr=example.com:80",
            "addr=192.0.2.1",
            "addr=256.0.0.1:1",
            "addr=192.0.2.1:65536",
            "addr=[fe80::1%3]:80");
    assertThat(read.isEmpty()).isTrue();
    assertThat(read.skipped()).isEqualTo(10);
  }

  @Test
  void tenThousandStringsLeaveAsManyAddressesAsAreRead() {
    Stream<String> many = IntStream.range(0, 10_000).mapToObj(i -> "addr=192.0.2.1:" + i);
    TxtRecords read = read(many.toArray(String[]::new));
    assertThat(read.addrs()).hasSize(TxtRecords.MAX_ADDRS);
    assertThat(read.skipped()).isEqualTo(10_000 - TxtRecords.MAX_ADDRS);
    String[] one = IntStream.range(0, 10_000).mapToObj(i -> "a=" + i).toArray(String[]::new);
    assertThat(TxtRecords.read(List.of(record(one))).isEmpty()).isTrue();
  }

  @Test
  void ofTooManyAddressesTheLeastImportantAreLeftOutAndTheRelayNever() throws Exception {
    List<TransportAddr> addrs = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      addrs.add(
          ip("[2001:db8:ffff:ffff:ffff:ffff:ffff:" + Integer.toHexString(0x1000 + i) + "]:54321"));
    }
    addrs.add(relay("https://euc1-1.relay.n0.iroh.link./"));
    TxtRecords all = TxtRecords.of(addrs, "u");
    SignedPacket packet = all.sign(Vectors.KEY, TxtRecords.DEFAULT_TTL, 1);
    assertThat(packet.dns().length).isLessThanOrEqualTo(1000);
    TxtRecords read = TxtRecords.read(packet);
    assertThat(read.relays()).hasSize(1);
    assertThat(read.userData()).contains("u");
    assertThat(read.ips()).isEqualTo(all.ips().subList(0, read.ips().size()));
    assertThat(packet.dns().length + 13 + 52).as("no room for one more").isGreaterThan(1000);
  }

  @Test
  void thereIsRoomFor22LongV4AddressesBesideARelay() throws Exception {
    List<TransportAddr> addrs =
        new ArrayList<>(List.of(relay("https://euc1-1.relay.n0.iroh.link./")));
    IntStream.range(0, 30).forEach(i -> addrs.add(ip("203.113.213.1" + (10 + i) + ":54321")));
    TxtRecords read =
        TxtRecords.read(TxtRecords.of(addrs, null).sign(Vectors.KEY, TxtRecords.DEFAULT_TTL, 1));
    assertThat(read.ips()).hasSize(22);
  }

  @Test
  void relaysAloneThatDoNotFitAreLeftOutFromTheEnd() throws Exception {
    List<TransportAddr> relays = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      relays.add(relay("https://r" + i + ".example/" + "x".repeat(200)));
    }
    relays.add(0, relay("https://r.example/" + "x".repeat(300)));
    TxtRecords read =
        TxtRecords.read(TxtRecords.of(relays, null).sign(Vectors.KEY, TxtRecords.DEFAULT_TTL, 1));
    assertThat(read.addrs()).isEqualTo(relays.subList(1, 4));
  }

  @Test
  void recordsOfOtherOwnersInAPacketAreNotRead() throws Exception {
    var message = new org.xbill.DNS.Message(0);
    NodeId other = Vectors.IROH.nodeId();
    for (Name owner :
        List.of(
            TxtRecords.packetOwner(other),
            Name.fromString(ID.toZ32() + "."),
            Name.fromString("x._iroh." + ID.toZ32() + "."),
            TxtRecords.owner(ID, Name.fromString("example.")))) {
      TxtRecords.of(List.of(), "foreign")
          .toRecords(owner, TxtRecords.DEFAULT_TTL)
          .forEach(r -> message.addRecord(r, org.xbill.DNS.Section.ANSWER));
    }
    SignedPacket packet = SignedPacket.sign(Vectors.KEY, message.toWire(), 1);
    assertThat(TxtRecords.read(packet).isEmpty()).isTrue();
  }

  @Test
  void customAddressesAreWrittenAndRead() throws Exception {
    TransportAddr custom = TransportAddr.Custom.parse("1_a1b2");
    TxtRecords records = TxtRecords.of(List.of(custom, ip("192.0.2.1:1")), null);
    assertThat(records.strings()).containsExactly("addr=1_a1b2", "addr=192.0.2.1:1");
    assertThat(read("addr=1_a1b2", "addr=192.0.2.1:1")).isEqualTo(records);
  }

  @Test
  void theOwnerEndsInTheOriginWhetherItHasADotOrNot() throws Exception {
    String expected = "_iroh." + ID.toZ32() + ".dns.example.";
    assertThat(TxtRecords.owner(ID, Name.fromString("dns.example"))).hasToString(expected);
    assertThat(TxtRecords.owner(ID, Name.fromString("dns.example."))).hasToString(expected);
    String longest = ("a".repeat(63) + ".").repeat(3) + "a".repeat(61) + ".";
    assertThatThrownBy(() -> TxtRecords.owner(ID, Name.fromString(longest)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
