package dev.warren.discovery.dht.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The vectors of BEP 44 (discovery section 12.1), and what makes an item newer. */
@Tag("trouble")
class MutableItemTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] KEY =
      HEX.parseHex("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");
  private static final byte[] VALUE = ascii("12:Hello World!");

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void theVectorWithoutSalt() {
    MutableItem item =
        new MutableItem(
            KEY,
            new byte[0],
            1,
            VALUE,
            HEX.parseHex(
                "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
                    + "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01"));
    assertThat(item.signedBytes()).asString().isEqualTo("3:seqi1e1:v12:Hello World!");
    assertThat(item.target()).hasToString("4a533d47ec9c7d95b1ad75f576cffc641853b750");
    assertThat(item.verify()).isTrue();
  }

  @Test
  void theVectorWithSalt() {
    MutableItem item =
        new MutableItem(
            KEY,
            ascii("foobar"),
            1,
            VALUE,
            HEX.parseHex(
                "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
                    + "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08"));
    assertThat(item.signedBytes()).asString().isEqualTo("4:salt6:foobar3:seqi1e1:v12:Hello World!");
    assertThat(item.target()).hasToString("411eba73b6f087ca51a3795d9c8c938d365e32c1");
    assertThat(item.verify()).isTrue();
  }

  @Test
  void theSignatureOfAnotherSaltSequenceNumberOrValueIsNone() {
    SecretKey secret = SecretKey.generate();
    MutableItem item = MutableItem.sign(secret, ascii("salt"), 7, ascii("value"));
    assertThat(item.verify()).isTrue();
    byte[] key = item.key();
    byte[] signature = item.signature();
    assertThat(new MutableItem(key, ascii("pepper"), 7, item.value(), signature).verify())
        .isFalse();
    assertThat(new MutableItem(key, new byte[0], 7, item.value(), signature).verify()).isFalse();
    assertThat(new MutableItem(key, item.salt(), 8, item.value(), signature).verify()).isFalse();
    assertThat(new MutableItem(key, item.salt(), 7, ascii("5:vaLue"), signature).verify())
        .isFalse();
    byte[] other = SecretKey.generate().nodeId().toBytes();
    assertThat(new MutableItem(other, item.salt(), 7, item.value(), signature).verify()).isFalse();
  }

  @Test
  void aKeyThatIsNoPointSignsNothing() {
    byte[] none = new byte[32];
    none[0] = 2;
    assertThat(new MutableItem(none, new byte[0], 1, VALUE, new byte[64]).verify()).isFalse();
  }

  @Test
  void theHigherSequenceNumberIsTheNewerAndOnATieTheGreaterValue() {
    SecretKey secret = SecretKey.generate();
    MutableItem one = MutableItem.sign(secret, new byte[0], 1, ascii("a"));
    MutableItem two = MutableItem.sign(secret, new byte[0], 2, ascii("a"));
    MutableItem greater = MutableItem.sign(secret, new byte[0], 2, ascii("b"));
    assertThat(two.isNewerThan(one)).isTrue();
    assertThat(one.isNewerThan(two)).isFalse();
    assertThat(greater.isNewerThan(two)).isTrue();
    assertThat(two.isNewerThan(greater)).isFalse();
    assertThat(two.isNewerThan(two)).isFalse();
  }
}
