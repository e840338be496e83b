package dev.warren.serving.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.testlab.TestAuthority;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemTest {
  private static TestAuthority authority;
  private static TestAuthority.Issued issued;

  @TempDir Path dir;

  @BeforeAll
  static void issue() throws Exception {
    authority = new TestAuthority();
    issued = authority.issue();
  }

  private Identity read(String chain, String key) throws Exception {
    Path chainPem = Files.writeString(dir.resolve("chain.pem"), chain);
    Path keyPem = Files.writeString(dir.resolve("key.pem"), key);
    return Pem.identity(chainPem, keyPem);
  }

  @Test
  void aFullChainIsReadInItsOrder() throws Exception {
    Identity identity = read(issued.chain(), issued.key());
    assertThat(identity.chain()).hasSize(2);
    assertThat(identity.leaf()).isEqualTo(issued.leaf());
  }

  @Test
  void oneFileMayHoldBothWithTextAroundThem() throws Exception {
    Path all =
        Files.writeString(
            dir.resolve("all.pem"),
            "subject: a relay\r\n" + issued.key() + "\n\n" + issued.chain());
    assertThat(Pem.identity(all, all).chain()).hasSize(2);
  }

  /** What {@code openssl ecparam -genkey} writes, the parameters of the curve before the key. */
  @Test
  void aTraditionalKeyOfAnEllipticCurveIsRead() throws Exception {
    BigInteger secret = ((ECPrivateKey) issued.pair().getPrivate()).getS();
    byte[] der =
        new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, secret, new ASN1ObjectIdentifier("1.2.840.10045.3.1.7"))
            .getEncoded();
    byte[] curve = new ASN1ObjectIdentifier("1.2.840.10045.3.1.7").getEncoded();
    String key = Pem.write("EC PARAMETERS", curve) + Pem.write("EC PRIVATE KEY", der);
    assertThat(read(issued.chain(), key).leaf()).isEqualTo(issued.leaf());
  }

  @Test
  void aTraditionalKeyOfRsaIsRead() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    TestAuthority.Issued rsa = authority.issue(pair, Duration.ofDays(1));
    byte[] der =
        PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded())
            .parsePrivateKey()
            .toASN1Primitive()
            .getEncoded();
    Identity identity = read(rsa.chain(), Pem.write("RSA PRIVATE KEY", der));
    assertThat(identity.key().getAlgorithm()).isEqualTo("RSA");
    assertThat(identity.context(List.of())).isNotNull();
  }

  /** It does belong to the certificate, so it is not said that it does not. */
  @Test
  void aKeyThatSignsWithRsaPssAloneIsRefusedForThat() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSASSA-PSS");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    TestAuthority.Issued pss = authority.issue(pair, Duration.ofDays(1));
    assertThatThrownBy(() -> read(pss.chain(), pss.key()))
        .hasMessageContaining("RSASSA-PSS")
        .hasMessageContaining("plain RSA key")
        .hasMessageNotContaining("do not belong together");
  }

  @Test
  void aKeyOfAnotherCertificateIsRefused() throws Exception {
    TestAuthority.Issued other = authority.issue();
    assertThatThrownBy(() -> read(issued.chain(), other.key()))
        .hasMessageContaining("do not belong together")
        .hasMessageContaining("key.pem");
  }

  @Test
  void whatIsWrongWithAFileIsSaid() {
    assertThatThrownBy(() -> Pem.identity(dir.resolve("none.pem"), dir.resolve("none.pem")))
        .hasMessageContaining("none.pem does not exist");
    assertThatThrownBy(() -> read("", issued.key())).hasMessageContaining("holds no certificate");
    assertThatThrownBy(() -> read(issued.chain(), issued.chain()))
        .hasMessageContaining("holds no private key");
    assertThatThrownBy(() -> read(issued.chain(), Pem.write("ENCRYPTED PRIVATE KEY", new byte[9])))
        .hasMessageContaining("is encrypted")
        .hasMessageContaining("openssl pkey");
    assertThatThrownBy(() -> read(issued.chain(), Pem.write("PRIVATE KEY", new byte[9])))
        .hasMessageContaining("cannot be used");
    assertThatThrownBy(() -> read(Pem.write("CERTIFICATE", new byte[9]), issued.key()))
        .hasMessageContaining("broken certificate");
    assertThatThrownBy(() -> read(issued.chain().substring(0, 300), issued.key()))
        .isInstanceOf(java.io.IOException.class);
    assertThatThrownBy(() -> read("x".repeat(2 << 20), issued.key()))
        .hasMessageContaining("longer than");
  }
}
