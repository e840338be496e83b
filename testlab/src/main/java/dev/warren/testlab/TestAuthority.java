package dev.warren.testlab;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A root, an intermediate that it signed, and certificates for 127.0.0.1 that this signs. */
public final class TestAuthority {
  private final KeyPair rootKey = p256();
  private final X509Certificate root =
      sign("CN=test root", rootKey, "CN=test root", rootKey, true, Duration.ofDays(2));
  private final KeyPair intermediateKey = p256();
  private final X509Certificate intermediate =
      sign(
          "CN=test intermediate",
          intermediateKey,
          "CN=test root",
          rootKey,
          true,
          Duration.ofDays(2));
  private final AtomicLong serial = new AtomicLong(1000);

  public TestAuthority() throws Exception {}

  /** A key and its chain without the root, in PEM. */
  public record Issued(X509Certificate leaf, String chain, String key, KeyPair pair) {
    /** Replaces both files, the chain first, each at once. */
    public void writeTo(Path chainPem, Path keyPem) throws IOException {
      replace(chainPem, chain);
      replace(keyPem, key);
    }
  }

  public static void replace(Path file, String text) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(next, text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  public String rootPem() throws Exception {
    return pem("CERTIFICATE", root.getEncoded());
  }

  public Issued issue() throws Exception {
    return issue(p256(), Duration.ofDays(1));
  }

  public Issued issue(KeyPair pair, Duration valid) throws Exception {
    X509Certificate leaf =
        sign("CN=127.0.0.1", pair, "CN=test intermediate", intermediateKey, false, valid);
    return new Issued(
        leaf,
        pem("CERTIFICATE", leaf.getEncoded()) + pem("CERTIFICATE", intermediate.getEncoded()),
        pem("PRIVATE KEY", pair.getPrivate().getEncoded()),
        pair);
  }

  private X509Certificate sign(
      String subject, KeyPair key, String issuer, KeyPair issuerKey, boolean ca, Duration valid)
      throws Exception {
    long number = serial == null ? subject.length() : serial.incrementAndGet();
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(number),
            Date.from(now.minus(Duration.ofDays(1))),
            Date.from(now.plus(valid)),
            new X500Name(subject),
            key.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
    if (!ca) {
      GeneralName[] names = {
        new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
        new GeneralName(GeneralName.dNSName, "localhost")
      };
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate())));
  }

  /** Text of a file. */
  public static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private static KeyPair p256() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static String pem(String type, byte[] der) {
    byte[] lineEnd = {'\n'};
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, lineEnd).encodeToString(der)
        + "\n-----END "
        + type
        + "-----\n";
  }
}
