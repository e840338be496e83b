package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.Hex;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The vectors of addresses-and-tickets section 9, identity-and-tls section 1.5 and disco section
 * 8.2.
 */
class VectorsTest {
  private static final String ID =
      "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";
  private static final String SEED =
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000000000000000000000000000,3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29,hnvcppgow2sc2yvdvdicu3ynonsteflxdxrehjr2ybekdc2z3iuq,8pinxxgqs41n4aididenw5apqp1urfmzdztr8jt4abrkdn435ewo,7dl2ff6emqi2qol3l382krodedij45bn3nh479hqo14a32qpr8kg,5bf55c73b82ebe22be80f3430667af570fae2556a6415e6b30d4065300aa947d",
    "0101010101010101010101010101010101010101010101010101010101010101,8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c,rkeohxlubhyzl7ks3mwtzos5olfgocn7dwkbeg7toseadnapn5oa,tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy,ha4e7nbk17opbvaircmjpeiteb56e2dv3ma146vjei403d0fdte0,1b1b58dd50ea14b60da17b790cd02754d970c9bab864ebb3c0f3016fe51d3f57",
    "0808080808080808080808080808080808080808080808080808080808080808,1398f62c6d1a457c51ba6a4b5f3dbd2f69fca93216218dc8997e416bd17d93ca,compmldndjcxyun2njfv6pn5f5u7zkjscyqy3sezpzawxul5spfa,nqcxcmdpdjnzawp4pjfi6xp7f7w93kj1naoa51r3x3yszwm71xfy,2ecfcb3d392nokdqd95lufdt5tkvpa9i2ogori4pfp0mnkbtif50,899abcb61e203a8c03613c9f7524d4efcf609db0c80d8e8d0fbabd93430c5323",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8,aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4a,yqooxx9u3aemh8mo5wcqq16yufu6jitouq1o4za751dger1igghy,0eggffvjpo8bs7bgrkceeiu0j5ju9lhgjeigqnotri3684il66s0,4701d08488451f545a409fb58ae3e58581ca40ac3f7f114698cd71deac73ca01"
  })
  void idsFollowFromSeeds(
      String seed, String id, String base32, String z32, String dnssec, String x25519)
      throws Exception {
    NodeId node = SecretKey.parse(seed).nodeId();
    assertThat(node).hasToString(id);
    assertThat(NodeId.parse(base32)).isEqualTo(node);
    assertThat(NodeId.parse(base32.toUpperCase(java.util.Locale.ROOT))).isEqualTo(node);
    assertThat(node.toZ32()).isEqualTo(z32);
    assertThat(NodeId.parseZ32(z32)).isEqualTo(node);
    assertThat(Base32.encodeHex(node.toBytes())).isEqualTo(dnssec);
    assertThat(Hex.encode(node.toX25519())).isEqualTo(x25519);
    assertThat(node.toShortString()).isEqualTo(id.substring(0, 10));
  }

  @Test
  void theX25519ScalarFollowsFromTheSeed() throws Exception {
    assertThat(Hex.encode(SecretKey.parse(SEED).toX25519()))
        .isEqualTo("3894eea49c580aef816935762be049559d6d1440dede12e6a125f1841fff8e6f");
  }

  @Test
  void theSecretOfTheSpecInBase32() throws Exception {
    String text = "vpnk377obfvzlipnsfbqba7ywkkenc4xlpmovt5tsfujoa75zqia";
    assertThat(NodeId.parse(text))
        .hasToString("abdaadffee096b95a1ed91430083f8b294468b975bd8eacfb391689703fdcc10");
    NodeId id = SecretKey.parse(text).nodeId();
    assertThat(id).hasToString("3cf359f65ae705eb279a5750eec57f4ac6efc635e04d92d60eadcca87d250f18");
    assertThat(id.toZ32()).isEqualTo("8u3iu714hhn6sjh4k7eq7tm9jmdq9ttihbg3fioqizgko9jfbhcy");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "foobarbaz",
        "",
        "AE58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6"
      })
  void malformedIdsAreRefusedWithASentence(String text) {
    assertThatThrownBy(() -> NodeId.parse(text)).isInstanceOf(KeyParseException.class);
  }

  private static NodeAddr derp() throws Exception {
    return NodeAddr.of(NodeId.parse(ID))
        .withRelay(RelayUrl.parse("http://derp.me./"))
        .withIp(SocketAddrs.parse("127.0.0.1:1024"));
  }

  @Test
  void nodeTicketT1() throws Exception {
    String text =
        "nodeacxfr74igmsbvsbnn73wcecg5vt3kbzncqwfrdiampuufwnhkublmaiqnb2hi4b2f4xwizlsoaxg2zjof4aqa7yaaaayaca";
    assertThat(Hex.encode(NodeTicket.of(derp()).toBytes()))
        .isEqualTo("00" + ID + "0110687474703a2f2f646572702e6d652e2f01007f0000018008");
    assertThat(NodeTicket.of(derp())).hasToString(text);
    assertThat(Ticket.parse(text).addr()).isEqualTo(derp());
  }

  @Test
  void endpointTicketT2() throws Exception {
    String text =
        "endpointacxfr74igmsbvsbnn73wcecg5vt3kbzncqwfrdiampuufwnhkublmaqacbuhi5dqhixs6zdfojyc43lffyxqcad7aaaadaai";
    assertThat(EndpointTicket.of(derp())).hasToString(text);
    assertThat(Ticket.parse(text).addr()).isEqualTo(derp());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nodeaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaaa",
        "nodeaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaabab7qaaab2ieq",
        "nodeaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qai3nb2hi4dthixs64tfnrqxsltfpbqw24dmmuxgg33nfyxqgagaaabadujcadaaaaqb777qgajaaeg3qaaaaaaaaaaaaaaaaaabka",
        "endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaa",
        "endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qayadjuhi5dqom5c6l3smvwgc6jomv4gc3lqnrss4y3pnuxqcagaaabadujcaeasaainxaaaaaaaaaaaaaaaaaaacua",
        "endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaqcaeaaninsypkol5qaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaarkaeqkxk5lvov2xk5lvov2xk5lvov2xk5lvov2xk5lvov2xk5lvov2xky"
      })
  void ticketsOfTheSpecRoundTrip(String text) throws Exception {
    Ticket ticket = Ticket.parse(text);
    assertThat(ticket).hasToString(text);
    assertThat(ticket.addr().id()).isEqualTo(SecretKey.parse(SEED).nodeId());
  }

  @Test
  void ticketsThatAreWrongSayWhy() {
    String n1 = "aab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaaa";
    for (String bad :
        List.of(
            "NODE" + n1,
            "node",
            "blob" + n1,
            "node" + "b".repeat(60),
            "node" + "a".repeat(1_000_000))) {
      assertThatThrownBy(() -> Ticket.parse(bad))
          .isInstanceOf(TicketParseException.class)
          .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(200));
    }
    assertThat(n1).hasSize(56);
  }

  @Test
  void upperCaseAfterThePrefixAndTrailingBytesAreAccepted() throws Exception {
    byte[] bytes = NodeTicket.of(derp()).toBytes();
    byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 5);
    String text = "node" + Base32.encode(longer).toUpperCase(java.util.Locale.ROOT);
    assertThat(Ticket.parse(text).addr()).isEqualTo(derp());
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com,https://example.com./,https://example.com/",
    "https://example.com/,https://example.com./,https://example.com/",
    "https://example.com.,https://example.com./,https://example.com./",
    "https://example.com./,https://example.com./,https://example.com./",
    "http://localhost:3340,http://localhost.:3340/,http://localhost:3340/",
    "HTTPS://Example.COM:443,https://example.com./,https://example.com/",
    "http://127.0.0.1:3340,http://127.0.0.1:3340/,http://127.0.0.1:3340/",
    "http://[::1]:3340,http://[::1]:3340/,http://[::1]:3340/",
    "https://example.com/a,https://example.com./a,https://example.com/a"
  })
  void relayUrlsAreNormalised(String text, String dotted, String plain) throws Exception {
    assertThat(RelayUrl.parse(text).toDotted()).isEqualTo(dotted);
    assertThat(RelayUrl.parse(text)).hasToString(plain);
    assertThat(RelayUrl.parse(text)).isEqualTo(RelayUrl.parse(dotted));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://a/",
        "https://user@a/",
        "https:///",
        "file:///etc",
        "x",
        "",
        "https://a:99999/",
        "http://[fe80::1%25eth0]/"
      })
  void relayUrlsThatAreNoneAreRefused(String text) {
    assertThatThrownBy(() -> RelayUrl.parse(text)).isInstanceOf(RelayUrlParseException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "1,a1b2c3d4e5f6,1_a1b2c3d4e5f6",
    "42,abababababababababababababababababababababababababababababababab,2a_abababababababababababababababababababababababababababababababab",
    "0,'',0_",
    "3735928559,0102,deadbeef_0102"
  })
  void customAddressesAsText(long id, String data, String text) throws Exception {
    assertThat(new TransportAddr.Custom(id, Hex.decode(data))).hasToString(text);
    assertThat(TransportAddr.Custom.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abc123",
        "xyz_0102",
        "1_ghij",
        "1_abc",
        "1_AB",
        "_00",
        "+1_00",
        "-1_00",
        "AB_00",
        "01_00",
        "10000000000000000_00"
      })
  void customAddressesThatAreNoneAreRefused(String text) {
    assertThatThrownBy(() -> TransportAddr.Custom.parse(text))
        .isInstanceOf(TicketParseException.class);
  }

  /** T7, T8 and the other encodings of section 9.2. */
  @ParameterizedTest
  @CsvSource({
    "01b467a3b7913ab27a04a8edf2f3fb074cfe0ecf4babe108d67be3853b0f26c5,yg4gxe7z1r7mr6orids9fh95y7gxhdsxjqi6nngsxxtakqaxr5no,",
    "1992d53c02cdc04566e5c0edb1ce83305cd550297953a047a445ea3264b54b18,dgjpkxyn3zyrk3zfads5duwdgbqpkwbjxfj4yt7rezidr3fijccy,dgjnkpaczxaekzxfydw3dtudgbonkubjpfj2ar5eixvdezfvjmma",
    "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6,i3cx9nburopcommx67otytzpc64oqmewftce4ydd7fbpuj4iyk5y,vzmp7cbteqnmqllp65qrarxnm62qoliufrmi2add5fbntj2vak3a",
    "a55f26132e5e43de834d534332f66a20d480c3e50a13a312a071adea6569981e,wix1cr3qm3b77y4pkpbuf7ukrdkebo9fbej4griyqgs6w3mjuyxy,"
  })
  void otherEncodingsOfBytes(String hex, String z32, String base32) {
    assertThat(Base32.encodeZ(Hex.decode(hex))).isEqualTo(z32);
    assertThat(Hex.encode(Base32.decodeZ(z32))).isEqualTo(hex);
    if (base32 != null) {
      assertThat(Base32.encode(Hex.decode(hex))).isEqualTo(base32);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "node,00ID0000,nodeaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaaa",
    "node,00ID0001007f000001d209,nodeaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaabab7qaaab2ieq",
    "node,00ID011b68747470733a2f2f72656c61792e6578616d706c652e636f6d2e2f0300c0000201d12200c0000201ffff030120010db800000000000000000000000150,nodeaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qai3nb2hi4dthixs64tfnrqxsltfpbqw24dmmuxgg33nfyxqgagaaabadujcadaaaaqb777qgajaaeg3qaaaaaaaaaaaaaaaaaabka",
    "endpoint,00ID00,endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaa",
    "endpoint,00ID03001a68747470733a2f2f72656c61792e6578616d706c652e636f6d2f0100c0000201d122010120010db800000000000000000000000150,endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qayadjuhi5dqom5c6l3smvwgc6jomv4gc3lqnrss4y3pnuxqcagaaabadujcaeasaainxaaaaaaaaaaaaaaaaaaacua",
    "endpoint,00ID0202010006a1b2c3d4e5f6000000000000000000000000000000000000000000000000022a0120abababababababababababababababababababababababababababababababab,endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaqcaeaaninsypkol5qaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaarkaeqkxk5lvov2xk5lvov2xk5lvov2xk5lvov2xk5lvov2xk5lvov2xky"
  })
  void ticketsAreTheBytesOfTheSpec(String kind, String hex, String text) throws Exception {
    byte[] bytes = Hex.decode(hex.replace("ID", SecretKey.parse(SEED).nodeId().toString()));
    assertThat(kind + Base32.encode(bytes)).isEqualTo(text);
    Ticket ticket = Ticket.parse(text);
    assertThat(ticket instanceof NodeTicket n ? n.toBytes() : ((EndpointTicket) ticket).toBytes())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "node,01ID0000,unknown variant 1",
    "node,00ID0001007f000001808004,number too large",
    "node,00ID02,neither 0 nor 1",
    "node,00ID00ff01,is impossible",
    "endpoint,00ID010003616263,begins with https",
    "endpoint,00ID0103000000000000,unknown kind 3",
    "endpoint,00ID010201001f0000000000000000000000000000000000000000000000000000000000,unknown form",
    "endpoint,00,more were expected",
  })
  void ticketContentThatIsWrongSaysWhy(String kind, String hex, String why) {
    byte[] bytes = Hex.decode(hex.replace("ID", ID));
    assertThatThrownBy(() -> Ticket.parse(kind + Base32.encode(bytes)))
        .isInstanceOf(TicketParseException.class)
        .hasMessageContaining(why);
  }

  @Test
  void theLastSymbolOfATicketHasNoSpareBits() {
    // "aa" is one zero byte; the last two bits of "ab" belong to no byte.
    assertThatThrownBy(() -> Ticket.parse("nodeab"))
        .isInstanceOf(TicketParseException.class)
        .hasMessageContaining("spare bits");
  }
}
