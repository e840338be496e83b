package dev.warren.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** The certificate of a stranger. */
class IdentityCertificateProperties {
  private static final long MEMORY = 32 << 20;
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private static final KeyPair TLS = tlsKey();
  private static final byte[] VALID = certificate(new byte[32]);

  private static KeyPair tlsKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] certificate(byte[] seed) {
    try {
      return IdentityCertificate.create(SecretKey.ofBytes(seed), TLS);
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Provide
  Arbitrary<byte[]> certificates() {
    return HostileInput.bytes(VALID);
  }

  @Property(tries = 30)
  void aCertificateProvesTheNodeThatMadeIt(@ForAll @Size(32) byte[] seed) throws Exception {
    NodeId id = IdentityCertificate.verify(certificate(seed), NOW);
    assertThat(id).isEqualTo(SecretKey.ofBytes(seed).nodeId());
  }

  @Property(tries = 1500)
  void anyOtherBytesAreRejectedInOneClause(@ForAll("certificates") byte[] der) throws Exception {
    check(der);
  }

  static void check(byte[] der) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try {
            NodeId id = IdentityCertificate.verify(der, NOW);
            // A fuzzer starts from other valid ones, too; it cannot sign.
            if (id.equals(SecretKey.ofBytes(new byte[32]).nodeId())) {
              assertThat(Arrays.equals(der, VALID)).isTrue();
            }
          } catch (IdentityCertificate.RejectedException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
          }
        });
  }
}
