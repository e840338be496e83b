package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.SecretKey;
import dev.warren.core.Endpoint;
import dev.warren.core.wire.IdentityCertificate;
import io.netty.handler.ssl.util.LazyX509Certificate;
import java.lang.reflect.Field;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Makes an endpoint refuse dials that offer a second form of identity, as some foreign servers do:
 * with handshake_failure, here since its certificate's P-384 key is not among what such a dial
 * accepts.
 */
public final class CertificatesOnly {
  private CertificatesOnly() {}

  public static void impose(Endpoint server, SecretKey key, Alpn alpn) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp384r1"));
    KeyPair pair = generator.generateKeyPair();
    LazyX509Certificate certificate =
        new LazyX509Certificate(signAgain(IdentityCertificate.create(key, pair), pair));
    Object tls = Sessions.tls(server);
    Field context = tls.getClass().getDeclaredField("server");
    context.setAccessible(true);
    context.set(
        tls,
        new X509Identity(key)
            .server(List.of(alpn), (engine, shown, reason) -> {})
            .keyManager(new OneKeyManager(pair.getPrivate(), certificate), null)
            .build());
  }

  /** As made for P-256, but with the algorithm that goes with P-384. */
  private static byte[] signAgain(byte[] der, KeyPair pair) throws Exception {
    AlgorithmIdentifier sha384 = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384);
    ASN1Encodable[] tbs =
        ASN1Sequence.getInstance(ASN1Sequence.getInstance(der).getObjectAt(0)).toArray();
    tbs[2] = sha384;
    byte[] body = new DERSequence(tbs).getEncoded(ASN1Encoding.DER);
    Signature signature = Signature.getInstance("SHA384withECDSA");
    signature.initSign(pair.getPrivate());
    signature.update(body);
    return new DERSequence(
            new ASN1Encodable[] {
              ASN1Primitive.fromByteArray(body), sha384, new DERBitString(signature.sign())
            })
        .getEncoded(ASN1Encoding.DER);
  }
}
