package dev.warren.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SecretKey;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The vectors of identity-and-tls section 2.6, and what must be refused. */
class IdentityCertificateTest {
  /** Made by an independent program for seed 08 x 32. */
  private static final byte[] C1 =
      HexFormat.of()
          .parseHex(
              "3082017f30820125a0030201020214698bea63dc44a344663ff1429aea10842df27b6b300a06082a"
                  + "8648ce3d04030230003020170d3735303130313030303030305a180f343039363031303130303030"
                  + "30305a30003059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247"
                  + "f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e16"
                  + "2bce33576b315ececbb6406837bf51f5a37b30793077060a2b0601040183a25a01010101ff046630"
                  + "6404201398f62c6d1a457c51ba6a4b5f3dbd2f69fca93216218dc8997e416bd17d93ca04409a85fd"
                  + "79f65282ae52cb8c21fcabc4c2b70c158025d34af786809f2fb16735175dffd29855e5d1ce773498"
                  + "57390e00431107f6cc5ca6ce8506751d55f1475d0c300a06082a8648ce3d04030203480030450221"
                  + "00e4c167c4fac73e444a1391fe1fe55190b925a02fb894d9bb95d3b438c84c900c0220282e42d59d"
                  + "76baecc0566789ff38b6c3ff45488a6a10fa7d366398eb984931e2");

  /** Made by a real iroh 0.28.1 for seed 01 x 32. */
  private static final byte[] C2 =
      HexFormat.of()
          .parseHex(
              "3082017e30820125a0030201020214355daf4d9430fd6fc617ea95c3c59be99bb91040300a06082a"
                  + "8648ce3d04030230003020170d3735303130313030303030305a180f343039363031303130303030"
                  + "30305a30003059301306072a8648ce3d020106082a8648ce3d03010703420004ceb069b6bbcdc29e"
                  + "d2a0019d40ece4fb6d768045cc17ea4690c19a408344afe4adc52b1b2439d6ca44fa6e0c528d47a2"
                  + "49f2fa4a948f217416eafcd8150ac24fa37b30793077060a2b0601040183a25a01010101ff046630"
                  + "6404208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0440c8816d"
                  + "d2b206744966e066087006d440943ac8e6ad57d2c3133fbe7c4c9ed4d96e7d2ed8fdce47c8de416b"
                  + "945cf146c4f5ee8ef796328fda9768138e2c47ae0e300a06082a8648ce3d04030203470030440220"
                  + "17eb00f1a6e94fd0940494cd9288b4ae51b66ce685bf3cbbe07f7c3eaddeba1802203e613b4de091"
                  + "cfc32c9100d890ecdd3767d6d15fd7ed198c1ccb40a155ccbbe1");

  private static SecretKey key(int b) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) b);
    return SecretKey.ofBytes(seed);
  }

  private static KeyPair tlsKey() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  @Test
  void certificatesOfOthersProveTheirNodes() throws Exception {
    assertThat(IdentityCertificate.verify(C1, Instant.now())).isEqualTo(key(8).nodeId());
    assertThat(IdentityCertificate.verify(C2, Instant.now())).isEqualTo(key(1).nodeId());
  }

  @Test
  void ownCertificatesProveOurNodeAndLookLikeIrohs() throws Exception {
    byte[] own = IdentityCertificate.create(key(5), tlsKey());
    assertThat(IdentityCertificate.verify(own, Instant.now())).isEqualTo(key(5).nodeId());
    assertThat(own.length).isBetween(380, 390);
    assertThat(Arrays.copyOfRange(own, 0, 10)).isNotEmpty();
  }

  @Test
  void anyChangedByteIsRefused() {
    for (int i = 0; i < C1.length; i++) {
      byte[] changed = C1.clone();
      changed[i] ^= 1;
      int at = i;
      assertThatThrownBy(() -> IdentityCertificate.verify(changed, Instant.now()))
          .as("byte " + at)
          .isInstanceOf(IdentityCertificate.RejectedException.class);
    }
  }

  private static void assertRejected(byte[] der) {
    assertThatThrownBy(() -> IdentityCertificate.verify(der, Instant.now()))
        .isInstanceOf(IdentityCertificate.RejectedException.class)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(200));
  }

  /** The parser takes any text for a time until somebody asks for it. */
  @Test
  void aTimeThatIsNoneIsARefusal() {
    byte[] changed = C1.clone();
    int notBefore = HexFormat.of().formatHex(C1).indexOf("170d3735") / 2 + 2;
    Arrays.fill(changed, notBefore + 2, notBefore + 12, (byte) ' ');
    assertRejected(changed);
  }

  @Test
  void deeplyNestedValuesAreARefusalAndNoStackOverflow() {
    byte[] indefinite = new byte[IdentityCertificate.MAX_BYTES];
    for (int i = 0; i < indefinite.length; i += 2) {
      indefinite[i] = 0x30;
      indefinite[i + 1] = (byte) 0x80;
    }
    assertRejected(indefinite);
    assertRejected(nested(4000));
  }

  /** Sequences within sequences in DER. */
  private static byte[] nested(int depth) {
    byte[] bytes = new byte[4 * depth];
    for (int i = 0; i < depth; i++) {
      int length = 4 * (depth - i) - 4;
      bytes[4 * i] = 0x30;
      bytes[4 * i + 1] = (byte) 0x82;
      bytes[4 * i + 2] = (byte) (length >> 8);
      bytes[4 * i + 3] = (byte) length;
    }
    return bytes;
  }

  @Test
  void outsideOfItsTimeItIsRefused() {
    assertThatThrownBy(() -> IdentityCertificate.verify(C1, Instant.parse("1970-01-01T00:00:00Z")))
        .isInstanceOf(IdentityCertificate.RejectedException.class);
  }

  @Test
  void arbitraryBytesAreRefusedAndNothingElseHappens() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = new byte[random.nextInt(500)];
      random.nextBytes(bytes);
      assertThatThrownBy(() -> IdentityCertificate.verify(bytes, Instant.now()))
          .as("seed " + seed)
          .isInstanceOf(IdentityCertificate.RejectedException.class);
    }
  }

  @Test
  void serverNamesNameNodes() {
    String name = ServerName.of(key(0).nodeId());
    assertThat(name).isEqualTo("7dl2ff6emqi2qol3l382krodedij45bn3nh479hqo14a32qpr8kg.iroh.invalid");
    assertThat(ServerName.parse(name)).contains(key(0).nodeId());
    assertThat(ServerName.parse("localhost")).isEmpty();
    assertThat(ServerName.parse("x.iroh.invalid")).isEmpty();
  }
}
