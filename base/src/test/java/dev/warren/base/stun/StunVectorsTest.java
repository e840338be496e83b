package dev.warren.base.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SocketAddrs;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors of net-report section 11.1, and the samples of RFC 5769. */
class StunVectorsTest {
  private static final String TRANSACTION = "0102030405060708090a0b0c";
  private static final String RFC_REQUEST =
      "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
          + "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
          + "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static StunMessage parse(String text) throws StunFormatException {
    return StunMessage.parse(ByteBuffer.wrap(hex(text)));
  }

  @Test
  void aRequestIsTypeCookieTransactionAndFingerprint() {
    assertThat(HexFormat.of().formatHex(StunMessage.bindingRequest(hex(TRANSACTION))))
        .isEqualTo("000100082112a4420102030405060708090a0b0c802800045b20f9cc");
  }

  @ParameterizedTest
  @CsvSource({
    TRANSACTION + ",192.0.2.33:51820,0101000c2112a442" + TRANSACTION + "002000080001eb7ee112a663",
    TRANSACTION
        + ",[2001:db8::1]:443,010100182112a442"
        + TRANSACTION
        + "00200014000220a90113a9fa0102030405060708090a0b0d",
    "010101010101010101010101,1.2.3.4:254,"
        + "0101000c2112a44201010101010101010101010100200008000121ec2010a746",
    "020202020202020202020202,1.2.3.4:257,"
        + "0101000c2112a4420202020202020202020202020020000800012013"
        + "2010a746",
    "030303030303030303030303,[1::4]:254,"
        + "010100182112a44203030303030303030303030300200014000221ec2113a442030303030303030303030307",
    "040404040404040404040404,[1::4]:257,"
        + "010100182112a44204040404040404040404040400200014000220132113a442040404040404040404040400"
  })
  void aResponseHoldsTheMaskedAddress(String transaction, String address, String response)
      throws Exception {
    InetSocketAddress mapped = SocketAddrs.parse(address);
    assertThat(HexFormat.of().formatHex(StunMessage.bindingSuccess(hex(transaction), mapped)))
        .isEqualTo(response);
    assertThat(parse(response).mappedAddress()).contains(mapped);
    assertThat(parse(response).type()).isEqualTo(StunMessage.BINDING_SUCCESS);
  }

  @Test
  void anIpv4MappedAddressIsWrittenAsIpv4() throws Exception {
    Inet6Address mapped =
        Inet6Address.getByAddress(null, hex("00000000000000000000ffffc0000221"), -1);
    assertThat(mapped.getAddress()).hasSize(16);
    byte[] response =
        StunMessage.bindingSuccess(hex(TRANSACTION), new InetSocketAddress(mapped, 51820));
    assertThat(HexFormat.of().formatHex(response))
        .isEqualTo("0101000c2112a442" + TRANSACTION + "002000080001eb7ee112a663");
  }

  @ParameterizedTest
  @CsvSource({
    // An IPv4-mapped IPv6 address, as upstream's servers send it.
    "010100182112a4420102030405060708090a0b0c002000140002eb7e2112a442010203040506f8f7c90a092d,"
        + "192.0.2.33:51820",
    "0101000c2112a4422360b11e3ec68ffa93e08007002000080001c7866957856f,72.69.33.45:59028",
    "0101000c2112a442f9f121cbde7d7c75923ce271002000080001c7876957856f,72.69.33.45:59029",
    "010100442112a442482eb64715e8b28eaead6444000100080001e4ab4845212d0004000800012710d90a4498"
        + "0005000800012711d9747a8a802000080001c5b96957856f80220010566f766964612e6f726720302e393600,"
        + "72.69.33.45:58539",
    "010100242112a4427e57966829f444609d1deaa6000100080001e9d34845212d0004000800010d964d48a9d4"
        + "0005000800010d974d48a9d5,72.69.33.45:59859",
    "010100242112a442ebc2d36ef471217c4f3e308e8022000a656e64706f696e7465720000002000080001ce66"
        + "5e12a44380280004b699bb02010100242112a442,127.0.0.1:61300",
    "010100142112a442ebc2d36ef471217c4f3e308e8022000161000000002000080001ce665e12a443,"
        + "127.0.0.1:61300",
    "010100142112a442ebc2d36ef471217c4f3e308e8022000361626300002000080001ce665e12a443,"
        + "127.0.0.1:61300",
    "010100482112a44206f56685d28af3e69ce341e200010014000290ce260200d1b4cfc10038b231fffeef96f6"
        + "802b001400020d962604a880000200d10000000000c57001002000140002b1dc0710a493b23aa785ea38"
        + "c219620cd714,[2602:d1:b4cf:c100:38b2:31ff:feef:96f6]:37070",
    "010100182112a4424fd5d202dcb37d31fc773306002000140002cd3d2112a4424fd5d202dcb382ce2dc3fcc7,"
        + "209.180.207.193:60463",
    // RFC 5769 sections 2.2 and 2.3.
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147"
        + "e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96,"
        + "192.0.2.1:32853",
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a147"
        + "0113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed41"
        + "80280004c8fb0b4c,[2001:db8:1234:5678:11:2233:4455:6677]:32853"
  })
  void answersOfRealServersAreUnderstood(String response, String address) throws Exception {
    assertThat(parse(response).mappedAddress()).contains(SocketAddrs.parse(address));
  }

  @Test
  void theRequestOfTheRfcIsRead() throws Exception {
    StunMessage request = parse(RFC_REQUEST);
    assertThat(request.type()).isEqualTo(StunMessage.BINDING_REQUEST);
    assertThat(request.attributes()).hasSize(6);
    assertThat(request.attribute(StunAttribute.USERNAME)).isPresent();
    assertThat(request.attribute(StunAttribute.USERNAME).get()).hasSize(9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "000100002112a4420102030405060708090a0b", // 19 bytes
        "400100002112a4420102030405060708090a0b0c", // a QUIC bit
        "000100002112a4430102030405060708090a0b0c", // another cookie
        "000100042112a4420102030405060708090a0b0c", // shorter than it says
        "000100022112a4420102030405060708090a0b0c8022", // no multiple of four
        "000100042112a4420102030405060708090a0b0c80220001", // a value beyond the end
        "000100082112a4420102030405060708090a0b0c802800045b20f9cd", // a wrong fingerprint
        "0001000c2112a4420102030405060708090a0b0c802800045b20f9cc80220000" // not the last
      })
  void whatIsNoMessageIsRefused(String bytes) {
    assertThatThrownBy(() -> parse(bytes)).isInstanceOf(StunFormatException.class);
  }
}
