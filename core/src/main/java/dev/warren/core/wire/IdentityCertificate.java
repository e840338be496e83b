package dev.warren.core.wire;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * The X.509 form of a node's identity: a self-signed P-256 certificate whose one critical extension
 * carries the node id and its Ed25519 signature over the certificate's key (identity-and-tls
 * section 2).
 *
 * <pre>
 * extension 1.3.6.1.4.1.53594.1.1, critical
 *   SignedKey ::= SEQUENCE { publicKey OCTET STRING (32), signature OCTET STRING (64) }
 *   signature  = Ed25519(node key, "libp2p-tls-handshake:" || SubjectPublicKeyInfo)
 * </pre>
 *
 * The JDK's certificate parser refuses these certificates (empty issuer), so they are taken apart
 * here. Stateless, any thread.
 */
public final class IdentityCertificate {
  static final ASN1ObjectIdentifier EXTENSION = new ASN1ObjectIdentifier("1.3.6.1.4.1.53594.1.1");

  /** Larger certificates are refused before they are parsed; real ones have 385 to 388 bytes. */
  static final int MAX_BYTES = 16 * 1024;

  private static final byte[] PREFIX = "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);
  private static final Instant NOT_BEFORE = Instant.parse("1975-01-01T00:00:00Z");
  private static final Instant NOT_AFTER = Instant.parse("4096-01-01T00:00:00Z");
  private static final AlgorithmIdentifier ECDSA_SHA256 =
      new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

  private IdentityCertificate() {}

  /** Why a certificate was refused; the message is one clause for a log line or an error. */
  public static final class RejectedException extends GeneralSecurityException {
    private static final long serialVersionUID = 1;

    RejectedException(String message) {
      super(message);
    }
  }

  /** Makes the certificate of {@code node} for the P-256 pair {@code tls}; DER. */
  public static byte[] create(SecretKey node, KeyPair tls) throws GeneralSecurityException {
    try {
      SubjectPublicKeyInfo spki = SubjectPublicKeyInfo.getInstance(tls.getPublic().getEncoded());
      V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
      X500Name nobody = new X500Name(new org.bouncycastle.asn1.x500.RDN[0]);
      tbs.setSerialNumber(new org.bouncycastle.asn1.ASN1Integer(serial(spki)));
      tbs.setSignature(ECDSA_SHA256);
      tbs.setIssuer(nobody);
      tbs.setSubject(nobody);
      tbs.setStartDate(new Time(java.util.Date.from(NOT_BEFORE)));
      tbs.setEndDate(new Time(java.util.Date.from(NOT_AFTER)));
      tbs.setSubjectPublicKeyInfo(spki);
      tbs.setExtensions(new Extensions(new Extension(EXTENSION, true, signedKey(node, spki))));
      byte[] body = tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
      return new DERSequence(
              new org.bouncycastle.asn1.ASN1Encodable[] {
                ASN1Primitive.fromByteArray(body),
                ECDSA_SHA256,
                new DERBitString(sign(tls.getPrivate(), body))
              })
          .getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static BigInteger serial(SubjectPublicKeyInfo spki) throws GeneralSecurityException {
    byte[] point = spki.getPublicKeyData().getOctets();
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(point);
    byte[] serial = Arrays.copyOf(digest, 20);
    serial[0] &= 0x7f;
    return new BigInteger(1, serial);
  }

  private static byte[] signedKey(SecretKey node, SubjectPublicKeyInfo spki) throws IOException {
    return new DERSequence(
            new org.bouncycastle.asn1.ASN1Encodable[] {
              new DEROctetString(node.nodeId().toBytes()),
              new DEROctetString(node.sign(signedMessage(spki.getEncoded(ASN1Encoding.DER))))
            })
        .getEncoded(ASN1Encoding.DER);
  }

  private static byte[] signedMessage(byte[] spki) {
    byte[] message = Arrays.copyOf(PREFIX, PREFIX.length + spki.length);
    System.arraycopy(spki, 0, message, PREFIX.length, spki.length);
    return message;
  }

  private static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
    Signature ecdsa = Signature.getInstance("SHA256withECDSA");
    ecdsa.initSign(key);
    ecdsa.update(message);
    return ecdsa.sign();
  }

  /**
   * Checks a certificate in the order of identity-and-tls section 2.4 (checks 2 to 11) and returns
   * the node that it proves.
   *
   * @throws RejectedException if any check fails
   */
  public static NodeId verify(byte[] der, Instant now) throws RejectedException {
    Certificate certificate = parse(der);
    SubjectPublicKeyInfo spki = certificate.getSubjectPublicKeyInfo();
    SignedKey signedKey = findSignedKey(certificate);
    verifyTime(certificate, now);
    verifySelfSignature(certificate);
    try {
      if (!signedKey.id.verify(
          signedMessage(spki.getEncoded(ASN1Encoding.DER)), signedKey.signature)) {
        throw new RejectedException("the node did not sign the certificate's key");
      }
    } catch (IOException e) {
      throw new RejectedException("the certificate's key cannot be encoded");
    }
    return signedKey.id;
  }

  private static void verifyTime(Certificate certificate, Instant now) throws RejectedException {
    try {
      if (now.isBefore(certificate.getStartDate().getDate().toInstant())
          || now.isAfter(certificate.getEndDate().getDate().toInstant())) {
        throw new RejectedException("the certificate is not valid at this time");
      }
    } catch (RuntimeException e) {
      // A time is parsed no earlier than here, and not carefully.
      throw new RejectedException("the certificate's time of validity is malformed");
    }
  }

  private static Certificate parse(byte[] der) throws RejectedException {
    if (der.length > MAX_BYTES) {
      throw new RejectedException("the certificate has " + der.length + " bytes");
    }
    if (!DerNesting.isBounded(der)) {
      throw new RejectedException("the certificate is not DER");
    }
    try {
      Certificate certificate = Certificate.getInstance(ASN1Primitive.fromByteArray(der));
      // Only DER: what is re-encoded for the signatures below must be what was signed.
      if (certificate != null && Arrays.equals(certificate.getEncoded(ASN1Encoding.DER), der)) {
        return certificate;
      }
      throw new RejectedException("the certificate is not DER");
    } catch (IOException | RuntimeException e) {
      throw new RejectedException("the certificate is not X.509");
    }
  }

  private record SignedKey(NodeId id, byte[] signature) {}

  private static SignedKey findSignedKey(Certificate certificate) throws RejectedException {
    Extensions extensions = certificate.getTBSCertificate().getExtensions();
    SignedKey found = null;
    if (extensions != null) {
      for (ASN1ObjectIdentifier oid : extensions.getExtensionOIDs()) {
        Extension extension = extensions.getExtension(oid);
        if (oid.equals(EXTENSION)) {
          found = parseSignedKey(extension.getExtnValue().getOctets());
        } else if (extension.isCritical()) {
          throw new RejectedException("unknown critical extension " + shown(oid));
        }
      }
    }
    if (found == null) {
      throw new RejectedException("the certificate names no node");
    }
    return found;
  }

  /** A stranger's object identifier can have thousands of digits. */
  private static String shown(ASN1ObjectIdentifier oid) {
    String text = oid.getId();
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  private static SignedKey parseSignedKey(byte[] der) throws RejectedException {
    try {
      if (!DerNesting.isBounded(der)) {
        throw new IOException("nested too deep");
      }
      ASN1Sequence sequence = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(der));
      if (sequence.size() == 2 && Arrays.equals(sequence.getEncoded(ASN1Encoding.DER), der)) {
        byte[] key = ASN1OctetString.getInstance(sequence.getObjectAt(0)).getOctets();
        byte[] signature = ASN1OctetString.getInstance(sequence.getObjectAt(1)).getOctets();
        if (key.length == 32 && signature.length == 64) {
          return new SignedKey(NodeId.ofBytes(key), signature);
        }
      }
    } catch (IOException | RuntimeException | KeyParseException e) {
      // Falls through: all of these are one refusal.
    }
    throw new RejectedException("the identity extension is malformed");
  }

  private static void verifySelfSignature(Certificate certificate) throws RejectedException {
    SubjectPublicKeyInfo spki = certificate.getSubjectPublicKeyInfo();
    Scheme scheme = Scheme.of(spki, certificate.getSignatureAlgorithm());
    try {
      Signature signature = Signature.getInstance(scheme.signature);
      signature.initVerify(
          KeyFactory.getInstance(scheme.key)
              .generatePublic(new X509EncodedKeySpec(spki.getEncoded(ASN1Encoding.DER))));
      signature.update(certificate.getTBSCertificate().getEncoded(ASN1Encoding.DER));
      if (!signature.verify(certificate.getSignature().getOctets())) {
        throw new RejectedException("the certificate's self signature is wrong");
      }
    } catch (RejectedException e) {
      throw e;
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      throw new RejectedException("the certificate's self signature cannot be checked");
    }
  }

  /** The accepted pairs of key and signature (identity-and-tls section 2.5). */
  private enum Scheme {
    P256("EC", "SHA256withECDSA"),
    P384("EC", "SHA384withECDSA"),
    ED25519("Ed25519", "Ed25519");

    /** RFC 8410 section 3. */
    private static final ASN1ObjectIdentifier ED25519_OID = new ASN1ObjectIdentifier("1.3.101.112");

    final String key;
    final String signature;

    Scheme(String key, String signature) {
      this.key = key;
      this.signature = signature;
    }

    static Scheme of(SubjectPublicKeyInfo spki, AlgorithmIdentifier signature)
        throws RejectedException {
      ASN1ObjectIdentifier key = spki.getAlgorithm().getAlgorithm();
      ASN1ObjectIdentifier sig = signature.getAlgorithm();
      if (key.equals(ED25519_OID) && sig.equals(key)) {
        return ED25519;
      }
      if (key.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        Object curve = spki.getAlgorithm().getParameters();
        if (X9ObjectIdentifiers.prime256v1.equals(curve)
            && sig.equals(X9ObjectIdentifiers.ecdsa_with_SHA256)) {
          return P256;
        }
        if (org.bouncycastle.asn1.sec.SECObjectIdentifiers.secp384r1.equals(curve)
            && sig.equals(X9ObjectIdentifiers.ecdsa_with_SHA384)) {
          return P384;
        }
      }
      throw new RejectedException("the certificate uses algorithms that identities do not");
    }
  }
}
