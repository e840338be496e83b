package dev.warren.discovery.dht.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SocketAddrs;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("trouble")
class KrpcMessageTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final DhtId ID = DhtId.of(HEX.parseHex("11".repeat(20)));

  /** Vector A of discovery section 12.2. */
  static final byte[] KEY =
      HEX.parseHex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");

  static final byte[] SIGNATURE =
      HEX.parseHex(
          "2b6b338a93c692eaaeed95c5e401f3aa0690eb125eb594a0a64a6cce120ac86d"
              + "496d4b477b4d641b73854c1336cf875bf6a5d2ccf0da444d37772e2c835dfe00");

  static final byte[] DNS =
      HEX.parseHex(
          "000080000000000300000000055f69726f683479716f6f787839753361656d68386d6f35"
              + "77637171313679756675366a69746f7571316f347a613735316467657231696767687900"
              + "001000010000001e00222172656c61793d68747470733a2f2f72656c61792e6578616d70"
              + "6c652e636f6d2e2fc00c001000010000001e001413616464723d3139322e302e322e313a"
              + "34343333c00c001000010000001e001817616464723d5b323030313a6462383a3a315d3a"
              + "34343333");

  @Test
  void theGetOfTheVector() throws Exception {
    byte[] expected =
        HEX.parseHex(
            "64313a6164323a696432303a1111111111111111111111111111111111111111363a746172676574"
                + "32303afd81a6db64d6faf7f702c07971a82c25c1dc3c9065313a71333a676574323a726f6931"
                + "65313a74343a00000001313a79313a7165");
    DhtId target = MutableItem.target(KEY, new byte[0]);
    KrpcMessage get =
        new KrpcMessage.Query(new byte[] {0, 0, 0, 1}, ID, true, new KrpcRequest.Get(target, null));
    assertThat(get.encode()).isEqualTo(expected);
    assertThat(KrpcMessage.parse(expected).encode()).isEqualTo(expected);
  }

  @Test
  void thePutOfTheVector() throws Exception {
    byte[] expected =
        HEX.parseHex(
            "64313a6164323a696432303a1111111111111111111111111111111111111111313a6b33"
                + "323a03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8333a"
                + "736571693137303030303030303030303030303065333a73696736343a2b6b338a93c692"
                + "eaaeed95c5e401f3aa0690eb125eb594a0a64a6cce120ac86d496d4b477b4d641b73854c"
                + "1336cf875bf6a5d2ccf0da444d37772e2c835dfe00363a74617267657432303afd81a6db"
                + "64d6faf7f702c07971a82c25c1dc3c90353a746f6b656e343aaabbccdd313a763138343a"
                + HEX.formatHex(DNS)
                + "65313a71333a707574323a726f693165313a74343a00000002313a79313a7165");
    MutableItem item = MutableItem.of(KEY, 1_700_000_000_000_000L, DNS, SIGNATURE);
    assertThat(item.verify()).isTrue();
    KrpcMessage put =
        new KrpcMessage.Query(
            new byte[] {0, 0, 0, 2},
            ID,
            true,
            new KrpcRequest.Put(item.target(), HEX.parseHex("aabbccdd"), item, null));
    assertThat(put.encode()).isEqualTo(expected);
    KrpcMessage.Query back = (KrpcMessage.Query) KrpcMessage.parse(expected);
    assertThat(((KrpcRequest.Put) back.request()).item()).isEqualTo(item);
    assertThat(back.encode()).isEqualTo(expected);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static KrpcMessage parse(String text) throws DhtFormatException {
    return KrpcMessage.parse(
        bytes(text.replace("@", "id20:" + "i".repeat(20)).replace("%", "t".repeat(20))));
  }

  /** The examples of BEP 5. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe",
        "d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re",
        "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe",
        "d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee",
        "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe"
      })
  void theExamplesOfBep5ComeBack(String text) throws Exception {
    assertThat(KrpcMessage.parse(bytes(text)).encode()).isEqualTo(bytes(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "i1e",
        "de",
        "d1:t2:aa1:y1:qe",
        "d1:ad2:@e1:q4:ping1:t0:1:y1:qe",
        "d1:ad2:@e1:q4:ping1:t17:aaaaaaaaaaaaaaaaa1:y1:qe",
        "d1:ad2:@e1:q4:ping1:ti1e1:y1:qe",
        "d1:ad2:@e1:q4:ping1:y1:qe",
        "d1:ad2:@e1:q4:ping1:t2:aa1:y1:xe",
        "d1:ade1:q4:ping1:t2:aa1:y1:qe",
        "d1:ad2:id19:iiiiiiiiiiiiiiiiiiie1:q4:ping1:t2:aa1:y1:qe",
        "d1:ad2:@e1:q9:find_node1:t2:aa1:y1:qe",
        "d1:ad2:@6:target3:abce1:q3:get1:t2:aa1:y1:qe",
        "d1:ad2:@e1:t2:aa1:y1:qe",
        "d1:rd2:@5:nodes3:abce1:t2:aa1:y1:re",
        "d1:rd2:@5:nodesi1ee1:t2:aa1:y1:re",
        "d1:rd2:@3:seq1:1e1:t2:aa1:y1:re",
        "d1:r1:x1:t2:aa1:y1:re",
        "d1:ele1:t2:aa1:y1:ee",
        "d1:el3:2013:abce1:t2:aa1:y1:ee",
        "d1:t2:aa1:y1:ee"
      })
  void whatIsNoMessageIsRefused(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(DhtFormatException.class)
        .hasMessageMatching(".+");
  }

  @Test
  void anUnknownQueryIsOneForNodesIfItNamesATargetAndElseRefused() throws Exception {
    KrpcMessage.Query find =
        (KrpcMessage.Query) parse("d1:ad2:@6:target20:%e1:q4:what1:t2:aa1:y1:qe");
    assertThat(find.request()).isInstanceOf(KrpcRequest.FindNode.class);
    KrpcMessage.Query refused = (KrpcMessage.Query) parse("d1:ad2:@e1:q4:what1:t2:aa1:y1:qe");
    assertThat(refused.request())
        .isEqualTo(new KrpcRequest.Refused("what", KrpcError.METHOD_UNKNOWN, "Method Unknown"));
  }

  @Test
  void aValueThatIsTooBigIsRefusedWithItsCode() throws Exception {
    assertThat(((KrpcRequest.Refused) put("", "1001").request()).code())
        .isEqualTo(KrpcError.VALUE_TOO_BIG);
    assertThat(put("", "1000").request()).isInstanceOf(KrpcRequest.Put.class);
  }

  @Test
  void aSaltThatIsTooBigIsRefusedWithItsCode() throws Exception {
    String salt = "4:salt65:" + "s".repeat(65);
    assertThat(((KrpcRequest.Refused) put(salt, "1").request()).code())
        .isEqualTo(KrpcError.SALT_TOO_BIG);
  }

  private static KrpcMessage.Query put(String salt, String size) throws DhtFormatException {
    return (KrpcMessage.Query)
        parse(
            "d1:ad2:@1:k32:"
                + "k".repeat(32)
                + salt
                + "3:seqi1e3:sig64:"
                + "s".repeat(64)
                + "5:token1:x1:v"
                + size
                + ":"
                + "v".repeat(Integer.parseInt(size))
                + "e1:q3:put1:t2:aa1:y1:qe");
  }

  @Test
  void aBadItemDoesNotSpoilTheNodesBesideIt() throws Exception {
    KrpcMessage.Answer answer =
        (KrpcMessage.Answer)
            parse("d1:rd2:@1:k3:abc5:nodes0:3:seqi1e3:sig1:x1:v1:ve1:t2:aa1:y1:re");
    assertThat(answer.nodes()).isEmpty();
    assertThatThrownBy(() -> answer.item().check(new byte[0]))
        .isInstanceOf(DhtFormatException.class);
  }

  @Test
  void theLongestAnswerFitsAMessage() throws Exception {
    List<DhtContact> nodes = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < CompactNodes.MAX; i++) {
      InetSocketAddress v4 = SocketAddrs.parse("192.0.2.1:" + (i + 1));
      nodes.add(new DhtContact(DhtId.random(random), v4));
    }
    byte[] value = new Bencode.Text(new byte[1000]).encode();
    KrpcMessage answer =
        new KrpcMessage.Answer(
            new byte[KrpcMessage.MAX_TRANSACTION],
            ID,
            SocketAddrs.parse("192.0.2.1:1"),
            new byte[KrpcMessage.MAX_TOKEN],
            nodes,
            Long.MAX_VALUE,
            new KrpcMessage.Item(KEY, value, SIGNATURE, Long.MAX_VALUE));
    assertThat(answer.encode().length).isLessThanOrEqualTo(KrpcMessage.MAX);
    KrpcMessage.Answer back = (KrpcMessage.Answer) KrpcMessage.parse(answer.encode());
    assertThat(back.nodes()).isEqualTo(nodes);
    assertThat(back.observed()).isEqualTo(SocketAddrs.parse("192.0.2.1:1"));
    assertThat(back.encode()).isEqualTo(answer.encode());
  }

  @Test
  void nodesOfIpv6AreTakenAndGivenBesideThoseOfIpv4() throws Exception {
    List<DhtContact> nodes =
        List.of(
            new DhtContact(ID, SocketAddrs.parse("192.0.2.1:1")),
            new DhtContact(ID, SocketAddrs.parse("[2001:db8::1]:2")));
    KrpcMessage answer = new KrpcMessage.Answer(new byte[4], ID, null, null, nodes, null, null);
    assertThat(((KrpcMessage.Answer) KrpcMessage.parse(answer.encode())).nodes()).isEqualTo(nodes);
  }

  @Test
  void aNodeAtPortZeroIsLeftOut() throws Exception {
    KrpcMessage answer =
        new KrpcMessage.Answer(
            new byte[4],
            ID,
            null,
            null,
            List.of(new DhtContact(ID, SocketAddrs.parse("192.0.2.1:0"))),
            null,
            null);
    assertThat(((KrpcMessage.Answer) KrpcMessage.parse(answer.encode())).nodes()).isEmpty();
  }
}
