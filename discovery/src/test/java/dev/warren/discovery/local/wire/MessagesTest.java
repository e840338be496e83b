package dev.warren.discovery.local.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;

/** The vectors of discovery section 12.4, and what real messages may look like besides. */
@Tag("trouble")
class MessagesTest {
  private static final String QUERY_035 =
      "000000000001000000000000055f69726f68056c6f63616c05737761726d045f756470056c6f63616c00000c0001";
  private static final String RESPONSE_035 =
      "00008400000000020000000234616f7171707037747a79696c34686c7133756d6f6f733661746674366a767271746f7371327879353373646769657376676734"
          + "61055f69726f68056c6f63616c05737761726d045f756470056c6f63616c0000210001000000000043000000002bc43a616f7171707037747a79696c34"
          + "686c7133756d6f6f733661746674366a767271746f7371327879353373646769657376676734612d3131323034c058c00c001000010000000000111075"
          + "7365722d646174613d666f6f626172c06f00010001000000000004c0a8010ac06f001c0001000000000010fd000000000000000000000000000010";
  private static final String QUERY_1 =
      "000000000001000000000000075f69726f687631045f756470056c6f63616c00000c0001";
  private static final String RESPONSE_1 =
      "00008400000000020000000234616f7171707037747a79696c34686c7133756d6f6f733661746674366a767271746f7371327879353373646769657376676734"
          + "61075f69726f687631045f756470056c6f63616c0000210001000000000043000000002bc43a616f7171707037747a79696c34686c7133756d6f6f7336"
          + "61746674366a767271746f7371327879353373646769657376676734612d3131323034c04ec00c001000010000000000322072656c61793d6874747073"
          + "3a2f2f72656c61792e6578616d706c652e636f6d2f10757365722d646174613d666f6f626172c06500010001000000000004c0a8010ac065001c000100"
          + "0000000010fd000000000000000000000000000010";

  /** The same, its SRV target not compressed. */
  private static final String RESPONSE_1_PLAIN =
      "00008400000000020000000234616f7171707037747a79696c34686c7133756d6f6f733661746674366a767271746f7371327879353373646769657376676734"
          + "61075f69726f687631045f756470056c6f63616c0000210001000000000048000000002bc43a616f7171707037747a79696c34686c7133756d6f6f7336"
          + "61746674366a767271746f7371327879353373646769657376676734612d3131323034056c6f63616c00c00c001000010000000000322072656c61793d"
          + "68747470733a2f2f72656c61792e6578616d706c652e636f6d2f10757365722d646174613d666f6f6261723a616f7171707037747a79696c34686c7133"
          + "756d6f6f733661746674366a767271746f7371327879353373646769657376676734612d3131323034c04e00010001000000000004c0a8010ac0e5001c"
          + "0001000000000010fd000000000000000000000000000010";

  private static final NodeId ID = seed(0).nodeId();
  private static final NodeId OTHER = seed(1).nodeId();
  private static final List<InetSocketAddress> ADDRESSES =
      List.of(SocketAddrs.parse("192.168.1.10:11204"), SocketAddrs.parse("[fd00::10]:11204"));

  private static SecretKey seed(int first) {
    byte[] seed = new byte[32];
    for (int i = 0; i < 32; i++) {
      seed[i] = (byte) (first + i);
    }
    return SecretKey.ofBytes(seed);
  }

  private static Announcement announcement() throws Exception {
    return new Announcement(
        ID,
        ADDRESSES,
        Optional.of(RelayUrl.parse("https://relay.example.com/")),
        Optional.of("foobar"));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static Optional<LocalMessage> read(String hex) {
    return MessageReader.read(bytes(hex));
  }

  private static LocalMessage.Response response(LocalMessage.Said... said) {
    return new LocalMessage.Response(List.of(said), Set.of());
  }

  @Test
  void queriesAreTheVectorsByteForByte() {
    LocalMessage.Query old = new LocalMessage.Query(0, Set.of(Generation.IROH_0_35), Set.of());
    LocalMessage.Query now = new LocalMessage.Query(0, Set.of(Generation.IROH_1), Set.of());
    assertThat(MessageWriter.write(old)).isEqualTo(bytes(QUERY_035));
    assertThat(MessageWriter.write(now)).isEqualTo(bytes(QUERY_1));
    assertThat(read(QUERY_035)).contains(old);
    assertThat(read(QUERY_1)).contains(now);
  }

  @Test
  void responsesOfBothGenerationsAreRead() throws Exception {
    Announcement all = announcement();
    Announcement old = new Announcement(ID, ADDRESSES, Optional.empty(), Optional.of("foobar"));
    assertThat(read(RESPONSE_035))
        .contains(response(new LocalMessage.Said(Generation.IROH_0_35, old)));
    assertThat(read(RESPONSE_1)).contains(response(new LocalMessage.Said(Generation.IROH_1, all)));
    assertThat(read(RESPONSE_1_PLAIN))
        .contains(response(new LocalMessage.Said(Generation.IROH_1, all)));
  }

  @Test
  void anOldResponseSaysWhatTheVectorSays() throws Exception {
    byte[] written =
        MessageWriter.write(LocalMessage.Response.of(Generation.IROH_0_35, announcement()));
    Message ours = new Message(written);
    Message vector = new Message(bytes(RESPONSE_035));
    for (int section : new int[] {Section.ANSWER, Section.ADDITIONAL}) {
      assertThat(ours.getSection(section)).isEqualTo(vector.getSection(section));
      assertThat(ours.getSection(section)).allMatch(record -> record.getTTL() == 0);
    }
    assertThat(ours.getHeader().getFlag(Flags.QR)).isTrue();
    assertThat(ours.getHeader().getFlag(Flags.AA)).isTrue();
    assertThat(ours.getHeader().getID()).isZero();
  }

  /** As iroh 1.4 does: a PTR record leads and nothing is said to be over at once. */
  @Test
  void aNewResponseSaysWhatTheVectorSaysAndWhatBrowsersNeed() throws Exception {
    Message ours =
        new Message(
            MessageWriter.write(LocalMessage.Response.of(Generation.IROH_1, announcement())));
    Message vector = new Message(bytes(RESPONSE_1));
    List<Record> answers = new ArrayList<>(ours.getSection(Section.ANSWER));
    PTRRecord pointer = (PTRRecord) answers.remove(0);
    assertThat(answers).isEqualTo(vector.getSection(Section.ANSWER));
    assertThat(ours.getSection(Section.ADDITIONAL))
        .isEqualTo(vector.getSection(Section.ADDITIONAL));
    assertThat(pointer.getName()).isEqualTo(Name.fromString("_irohv1._udp.local."));
    assertThat(pointer.getTarget()).isEqualTo(answers.get(0).getName());
    assertThat(ours.getSection(Section.ANSWER)).allMatch(record -> record.getTTL() == 120);
  }

  @Test
  void everyPortHasATargetOfItsOwn() {
    List<InetSocketAddress> addresses =
        List.of(
            SocketAddrs.parse("192.0.2.1:1"),
            SocketAddrs.parse("192.0.2.1:2"),
            SocketAddrs.parse("192.0.2.2:2"));
    Announcement said = new Announcement(ID, addresses, Optional.empty(), Optional.empty());
    byte[] written = MessageWriter.write(LocalMessage.Response.of(Generation.IROH_0_35, said));
    assertThat(MessageReader.read(written))
        .contains(response(new LocalMessage.Said(Generation.IROH_0_35, said)));
  }

  @Test
  void aMessageNeverExceedsWhatIrohReadsAndKeepsTheFirstAddresses() throws Exception {
    List<InetSocketAddress> many = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      byte[] ip = {(byte) 192, (byte) 168, (byte) (i >> 8), (byte) i};
      many.add(new InetSocketAddress(InetAddress.getByAddress(ip), 4433));
    }
    byte[] written =
        MessageWriter.write(
            LocalMessage.Response.of(Generation.IROH_1, announcement().withAddresses(many)));
    assertThat(written.length).isBetween(MessageWriter.MAX_LENGTH - 16, MessageWriter.MAX_LENGTH);
    LocalMessage.Response read = (LocalMessage.Response) MessageReader.read(written).orElseThrow();
    List<InetSocketAddress> kept = read.said().get(0).announcement().addresses();
    assertThat(kept).hasSizeGreaterThan(40).isEqualTo(many.subList(0, kept.size()));
  }

  @Test
  void oneQueryAsksBothGenerationsAndNodesByName() {
    LocalMessage.Query query =
        new LocalMessage.Query(77, Set.of(Generation.values()), Set.of(ID, OTHER));
    assertThat(MessageReader.read(MessageWriter.write(query))).contains(query);
  }

  @Test
  void aGoodbyeIsReadAndNamesNobodyToIroh() throws Exception {
    byte[] written = MessageWriter.write(LocalMessage.Response.goodbye(ID));
    assertThat(MessageReader.read(written)).contains(LocalMessage.Response.goodbye(ID));
    List<Record> answers = new Message(written).getSection(Section.ANSWER);
    // iroh looks at names one label below the service.
    assertThat(answers).singleElement().isInstanceOf(PTRRecord.class);
    assertThat(answers.get(0).getName()).isEqualTo(Name.fromString("_irohv1._udp.local."));
  }

  @Test
  void wordsOfUserDataSurviveWhateverTheyAre() {
    String odd = "a=b\\\"\u00e9\u20ac \001;";
    Announcement said = new Announcement(ID, ADDRESSES, Optional.empty(), Optional.of(odd));
    byte[] written = MessageWriter.write(LocalMessage.Response.of(Generation.IROH_1, said));
    assertThat(MessageReader.read(written))
        .contains(response(new LocalMessage.Said(Generation.IROH_1, said)));
  }

  @Test
  void theNodeMayBeWrittenInCapitals() throws Exception {
    byte[] shouted = bytes(RESPONSE_1);
    for (int i = 12; i < 180; i++) {
      if (shouted[i] >= 'a' && shouted[i] <= 'z') {
        shouted[i] -= 32;
      }
    }
    LocalMessage.Response read = (LocalMessage.Response) MessageReader.read(shouted).orElseThrow();
    assertThat(read.said().get(0).announcement().id()).isEqualTo(ID);
  }

  /** Two ids may share a host name: each gets its addresses. */
  @Test
  void oneNameWithTwoIdsGivesItsAddressesToBoth() throws Exception {
    Message message = new Message(bytes(RESPONSE_1_PLAIN));
    SRVRecord service = (SRVRecord) message.getSection(Section.ANSWER).get(0);
    message.addRecord(
        new SRVRecord(
            NodeNames.instance(OTHER, Generation.IROH_1),
            DClass.IN,
            0,
            0,
            0,
            7,
            service.getTarget()),
        Section.ANSWER);
    LocalMessage.Response read =
        (LocalMessage.Response) MessageReader.read(message.toWire()).orElseThrow();
    assertThat(read.said())
        .extracting(said -> said.announcement().id())
        .containsExactlyInAnyOrder(ID, OTHER);
    assertThat(read.said().stream().filter(s -> s.announcement().id().equals(OTHER)).findFirst())
        .hasValueSatisfying(
            said ->
                assertThat(said.announcement().addresses())
                    .extracting(InetSocketAddress::getPort)
                    .containsOnly(7));
  }

  @Test
  void addressesCountInTheAdditionalSectionAlone() throws Exception {
    Message message = new Message(bytes(RESPONSE_1_PLAIN));
    List<Record> addresses = message.getSection(Section.ADDITIONAL);
    message.removeAllRecords(Section.ADDITIONAL);
    addresses.forEach(record -> message.addRecord(record, Section.ANSWER));
    assertThat(MessageReader.read(message.toWire())).isEmpty();
  }

  @Test
  void recordsOfAnotherClassCountForNothing() throws Exception {
    Message message = new Message(bytes(RESPONSE_1_PLAIN));
    Message flushing = new Message(0);
    for (Record record : message.getSection(Section.ANSWER)) {
      flushing.addRecord(record, Section.ANSWER);
    }
    for (Record record : message.getSection(Section.ADDITIONAL)) {
      flushing.addRecord(
          record instanceof ARecord a
              ? new ARecord(a.getName(), DClass.CH, 0, a.getAddress())
              : new AAAARecord(record.getName(), DClass.CH, 0, ((AAAARecord) record).getAddress()),
          Section.ADDITIONAL);
    }
    assertThat(MessageReader.read(flushing.toWire())).isEmpty();
  }

  @Test
  void theFirstOfTwoAttributesWins() throws Exception {
    Message message = new Message(bytes(RESPONSE_1_PLAIN));
    Name instance = NodeNames.instance(ID, Generation.IROH_1);
    message.addRecord(
        new TXTRecord(instance, DClass.IN, 0, List.of("user-data=second")), Section.ANSWER);
    LocalMessage.Response read =
        (LocalMessage.Response) MessageReader.read(message.toWire()).orElseThrow();
    assertThat(read.said().get(0).announcement().userData()).contains("foobar");
  }

  @Test
  void aRelayThatIsNoneIsLeftOut() throws Exception {
    for (String relay : List.of("relay=file:///etc/passwd", "relay=https://a:b@c/", "relay")) {
      Message message = new Message(bytes(RESPONSE_1_PLAIN));
      Record text = message.getSection(Section.ANSWER).get(1);
      message.removeRecord(text, Section.ANSWER);
      message.addRecord(
          new TXTRecord(text.getName(), DClass.IN, 0, List.of(relay)), Section.ANSWER);
      LocalMessage.Response read =
          (LocalMessage.Response) MessageReader.read(message.toWire()).orElseThrow();
      assertThat(read.said().get(0).announcement().relay()).isEmpty();
    }
  }

  @Test
  void aNodeHasAtMostSixtyFourAddresses() throws Exception {
    Message message = new Message(0);
    Name target = NodeNames.target(ID, 1);
    message.addRecord(
        new SRVRecord(NodeNames.instance(ID, Generation.IROH_1), DClass.IN, 0, 0, 0, 1, target),
        Section.ANSWER);
    for (int i = 0; i < 400; i++) {
      InetAddress ip = InetAddress.getByAddress(new byte[] {10, 0, (byte) (i >> 8), (byte) i});
      message.addRecord(new ARecord(target, DClass.IN, 0, ip), Section.ADDITIONAL);
    }
    LocalMessage.Response read =
        (LocalMessage.Response) MessageReader.read(message.toWire()).orElseThrow();
    assertThat(read.said().get(0).announcement().addresses()).hasSize(MessageReader.MAX_ADDRESSES);
  }

  @Test
  void aMessageNamesAtMostEightNodes() throws Exception {
    Message message = new Message(0);
    for (int i = 0; i < 20; i++) {
      NodeId id = seed(i).nodeId();
      Name target = NodeNames.target(id, 1);
      message.addRecord(
          new SRVRecord(NodeNames.instance(id, Generation.IROH_1), DClass.IN, 0, 0, 0, 1, target),
          Section.ANSWER);
      InetAddress ip = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i});
      message.addRecord(new ARecord(target, DClass.IN, 0, ip), Section.ADDITIONAL);
    }
    LocalMessage.Response read =
        (LocalMessage.Response) MessageReader.read(message.toWire()).orElseThrow();
    assertThat(read.said()).hasSize(MessageReader.MAX_NODES);
  }

  @Test
  void otherServicesAreNotParsed() {
    assertThat(MessageReader.read(new byte[0])).isEmpty();
    assertThat(MessageReader.read(new byte[12])).isEmpty();
    assertThat(MessageReader.read(bytes(QUERY_1.replace("5f69726f687631", "5f69726f687632"))))
        .isEmpty();
    assertThat(MessageReader.read(new byte[MessageReader.MAX_LENGTH + 1])).isEmpty();
  }
}
