package dev.warren.serving.certificates;

import dev.warren.serving.proxy.AddressRange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Certificates that vouch for themselves (RFC 5280), ECDSA over P-256. Stateless. */
final class SelfSigned {
  /** Longest validity that Apple's platforms accept is 825 days. */
  private static final Duration VALID = Duration.ofDays(365);

  /** Clocks of clients may be behind. */
  private static final Duration BEFORE = Duration.ofHours(1);

  /** {@code id-pe-acmeIdentifier} (RFC 8737 section 6.1). */
  private static final ASN1ObjectIdentifier ACME_IDENTIFIER =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.31");

  private SelfSigned() {}

  /** For host names and IP addresses, valid for a year. */
  static Identity forNames(List<String> names) throws IOException {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    GeneralName[] all = names.stream().map(SelfSigned::name).toArray(GeneralName[]::new);
    extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(all));
    extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    return sign("CN=Warren", extensions);
  }

  /**
   * What an ACME authority wants to see when it checks a name (RFC 8737 section 3).
   *
   * @param validation SHA-256 of the key authorization
   */
  static Identity forChallenge(String name, byte[] validation) throws IOException {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    GeneralName alone = new GeneralName(GeneralName.dNSName, name);
    extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alone));
    extensions.addExtension(ACME_IDENTIFIER, true, new DEROctetString(validation));
    return sign("CN=acme.invalid", extensions);
  }

  static KeyPair p256() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static GeneralName name(String name) {
    try {
      byte[] ip = AddressRange.parse(name).first().getAddress();
      return new GeneralName(GeneralName.iPAddress, new DEROctetString(ip));
    } catch (IllegalArgumentException hostName) {
      return new GeneralName(GeneralName.dNSName, name);
    }
  }

  private static Identity sign(String name, ExtensionsGenerator extensions) throws IOException {
    try {
      KeyPair pair = p256();
      return new Identity(pair.getPrivate(), List.of(sign(pair, name, extensions)));
    } catch (GeneralSecurityException e) {
      throw new IOException("no certificate can be made here: " + e.getMessage(), e);
    }
  }

  private static X509Certificate sign(KeyPair pair, String name, ExtensionsGenerator extensions)
      throws GeneralSecurityException, IOException {
    X500Name subject = new X500Name(name);
    AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    Instant now = Instant.now();
    V3TBSCertificateGenerator body = new V3TBSCertificateGenerator();
    body.setSerialNumber(new ASN1Integer(new BigInteger(127, new SecureRandom()).setBit(0)));
    body.setIssuer(subject);
    body.setSubject(subject);
    body.setStartDate(new Time(Date.from(now.minus(BEFORE))));
    body.setEndDate(new Time(Date.from(now.plus(VALID))));
    body.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
    body.setSignature(algorithm);
    body.setExtensions(extensions.generate());
    TBSCertificate toSign = body.generateTBSCertificate();
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(pair.getPrivate());
    signer.update(toSign.getEncoded());
    ASN1EncodableVector parts = new ASN1EncodableVector();
    parts.add(toSign);
    parts.add(algorithm);
    parts.add(new DERBitString(signer.sign()));
    byte[] der = new DERSequence(parts).getEncoded();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }
}
