package dev.warren.serving.certificates;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** Certificates and keys in PEM (RFC 7468), as authorities and openssl write them. Stateless. */
final class Pem {
  /** Far above any chain with its key. */
  private static final int MAX = 1 << 20;

  private static final int MAX_BLOCKS = 100;

  private Pem() {}

  /** Reads a chain and the key of its first certificate; one file may hold both. */
  static Identity identity(Path chainPem, Path keyPem) throws IOException {
    List<X509Certificate> chain = certificates(read(chainPem), "the certificate file " + chainPem);
    PrivateKey key = key(read(keyPem), "the key file " + keyPem);
    if (key.getAlgorithm().equals("RSASSA-PSS")) {
      throw new IOException(
          "the key in "
              + keyPem
              + " may sign with RSA-PSS only (its algorithm is RSASSA-PSS), which most clients do"
              + " not take: have the certificate issued for an EC or a plain RSA key");
    }
    try {
      return new Identity(key, chain).checked();
    } catch (IOException e) {
      throw new IOException(
          keyPem + " and " + chainPem + " do not belong together: " + e.getMessage());
    }
  }

  static String read(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException(file + " does not exist or cannot be read");
    }
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX + 1);
    }
    if (bytes.length > MAX) {
      throw new IOException(
          file + " is longer than " + MAX + " bytes, so it is no PEM file of ours");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /**
   * All certificates, in their order.
   *
   * @param what begins the message of an exception
   */
  static List<X509Certificate> certificates(String pem, String what) throws IOException {
    List<X509Certificate> all = new ArrayList<>();
    for (PemObject block : blocks(pem, what)) {
      if (block.getType().equals("CERTIFICATE") || block.getType().equals("X509 CERTIFICATE")) {
        try {
          all.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(block.getContent())));
        } catch (CertificateException | RuntimeException e) {
          throw new IOException(what + " holds a broken certificate: " + e.getMessage(), e);
        }
      }
    }
    if (all.isEmpty()) {
      throw new IOException(what + " holds no certificate (BEGIN CERTIFICATE)");
    }
    return all;
  }

  /** The first private key. */
  static PrivateKey key(String pem, String what) throws IOException {
    for (PemObject block : blocks(pem, what)) {
      try {
        switch (block.getType()) {
          case "PRIVATE KEY":
            return pkcs8(PrivateKeyInfo.getInstance(block.getContent()));
          case "EC PRIVATE KEY":
          case "RSA PRIVATE KEY":
            if (!block.getHeaders().isEmpty()) {
              throw encrypted(what);
            }
            return pkcs8(traditional(block));
          case "ENCRYPTED PRIVATE KEY":
            throw encrypted(what);
          default: // certificates, parameters of curves
        }
      } catch (GeneralSecurityException | RuntimeException e) {
        throw new IOException(what + " holds a key that cannot be used: " + e.getMessage(), e);
      }
    }
    throw new IOException(
        what + " holds no private key (BEGIN PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY)");
  }

  /** The first public key in SubjectPublicKeyInfo, of an elliptic curve. */
  static PublicKey publicKey(String pem, String what) throws IOException {
    for (PemObject block : blocks(pem, what)) {
      if (block.getType().equals("PUBLIC KEY")) {
        try {
          return KeyFactory.getInstance("EC")
              .generatePublic(new X509EncodedKeySpec(block.getContent()));
        } catch (GeneralSecurityException e) {
          throw new IOException(what + " holds a public key that cannot be used", e);
        }
      }
    }
    throw new IOException(what + " holds no public key");
  }

  private static IOException encrypted(String what) {
    return new IOException(
        what + " is encrypted: decrypt it with 'openssl pkey -in FILE -out PLAIN-FILE'");
  }

  private static PrivateKeyInfo traditional(PemObject block) throws IOException {
    ASN1Primitive content = ASN1Primitive.fromByteArray(block.getContent());
    if (block.getType().startsWith("RSA")) {
      return new PrivateKeyInfo(
          new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
          RSAPrivateKey.getInstance(content));
    }
    ECPrivateKey key = ECPrivateKey.getInstance(content);
    ASN1ObjectIdentifier curve = ASN1ObjectIdentifier.getInstance(key.getParametersObject());
    return new PrivateKeyInfo(
        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), key);
  }

  private static PrivateKey pkcs8(PrivateKeyInfo info)
      throws IOException, GeneralSecurityException {
    ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
    String name =
        algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)
            ? "RSA"
            : algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey) ? "EC" : algorithm.getId();
    return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }

  private static List<PemObject> blocks(String pem, String what) throws IOException {
    List<PemObject> blocks = new ArrayList<>();
    try (PemReader reader = new PemReader(new StringReader(pem))) {
      for (PemObject block = reader.readPemObject();
          block != null && blocks.size() < MAX_BLOCKS;
          block = reader.readPemObject()) {
        blocks.add(block);
      }
    } catch (IOException | RuntimeException e) {
      throw new IOException(what + " is no PEM file: " + e.getMessage(), e);
    }
    return blocks;
  }

  /** One block, lines of 64 characters. */
  static String write(String type, byte[] der) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + type
        + "-----\n";
  }
}
