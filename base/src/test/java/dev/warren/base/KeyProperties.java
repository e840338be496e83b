package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.Ed25519Points;
import dev.warren.base.wire.Hex;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Locale;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.domains.Domain;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** Ids and secret keys, in every form in which they are read. */
@Domain(Inputs.class)
@Domain(net.jqwik.api.domains.DomainContext.Global.class)
class KeyProperties {
  private static final SecretKey KEY = SecretKey.ofBytes(new byte[32]);
  private static final String HEX = "00".repeat(32);

  @Provide
  Arbitrary<String> idTexts() {
    NodeId id = KEY.nodeId();
    return HostileInput.text(id.toString(), Base32.encode(id.toBytes()), id.toZ32());
  }

  @Provide
  Arbitrary<String> keyTexts() {
    return HostileInput.text(HEX, Base32.encode(new byte[32]));
  }

  @Provide
  Arbitrary<byte[]> keyFiles() {
    return HostileInput.bytes((HEX + "\n").getBytes());
  }

  @Property(tries = 200)
  void anIdIsWhatItsTextsSay(@ForAll NodeId id) throws Exception {
    assertThat(NodeId.parse(id.toString())).isEqualTo(id);
    assertThat(NodeId.parse(Base32.encode(id.toBytes()).toUpperCase(Locale.ROOT))).isEqualTo(id);
    assertThat(NodeId.parseZ32(id.toZ32())).isEqualTo(id);
    assertThat(NodeId.ofBytes(id.toBytes())).isEqualTo(id);
  }

  @Property(tries = 400)
  void anyTextIsAnIdWhoseFormIsThatTextOrIsRefused(@ForAll("idTexts") String text)
      throws Exception {
    Bounded.run(
        Inputs.MEMORY,
        () -> {
          try {
            NodeId id = NodeId.parse(text);
            String lower = text.length() == 64 ? text : asciiLower(text);
            assertThat(lower).isIn(id.toString(), Base32.encode(id.toBytes()));
          } catch (KeyParseException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
          }
          try {
            assertThat(NodeId.parseZ32(text).toZ32()).isEqualTo(text);
          } catch (KeyParseException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
          }
        });
  }

  private static String asciiLower(String text) {
    StringBuilder lower = new StringBuilder();
    text.chars().forEach(c -> lower.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
    return lower.toString();
  }

  @Property(tries = 400)
  void anyTextIsASecretKeyOrIsRefusedWithoutBeingShown(@ForAll("keyTexts") String text)
      throws Exception {
    Bounded.run(
        Inputs.MEMORY,
        () -> {
          try {
            assertThat(SecretKey.parse(text).toString()).doesNotContain(text);
          } catch (KeyParseException refused) {
            assertThat(refused.getMessage().length()).isLessThan(200);
            if (text.length() > 20) {
              assertThat(refused.getMessage()).doesNotContain(text);
            }
          }
        });
  }

  @Property(tries = 60)
  void aKeyFileIsReadBackOrRefusedAndNeverChanged(@ForAll("keyFiles") byte[] content)
      throws Exception {
    Path file = Files.createTempFile("key", "").toAbsolutePath();
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Files.write(file, content);
      Bounded.run(
          Inputs.MEMORY,
          () -> {
            try {
              SecretKey.loadOrCreate(file);
            } catch (IOException refused) {
              assertThat(refused).hasMessageContaining(file.toString());
              assertThat(refused.getMessage().length()).isLessThan(300);
            }
          });
      assertThat(Files.readAllBytes(file)).isEqualTo(content);
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 20)
  void aKeyThatWasMadeInAFileIsFoundThereAgain(@ForAll @Size(max = 8) byte[] name)
      throws Exception {
    Path folder = Files.createTempDirectory("keys");
    Path file = folder.resolve("k" + Hex.encode(name));
    try {
      assertThat(SecretKey.loadOrCreate(file)).isEqualTo(SecretKey.loadOrCreate(file));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  /** BouncyCastle refuses small order and what is not canonical besides; of the rest both agree. */
  @Property(tries = 400)
  void aPointIsOnTheCurveWhenBouncyCastleSaysSo(@ForAll @Size(32) byte[] bytes) {
    byte[] big = new byte[32];
    for (int i = 0; i < 32; i++) {
      big[31 - i] = bytes[i];
    }
    big[0] &= 0x7f;
    BigInteger p = BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
    if (new BigInteger(1, big).compareTo(p) < 0 && !Ed25519Points.isSmallOrder(bytes)) {
      assertThat(Ed25519Points.isOnCurve(bytes))
          .isEqualTo(Ed25519.validatePublicKeyPartial(bytes, 0));
    }
    assertThat(Ed25519Points.toMontgomery(bytes)).hasSize(32);
  }

  @Property(tries = 200)
  void onlyTheSignatureItselfVerifies(
      @ForAll SecretKey key, @ForAll @Size(max = 60) byte[] message, @ForAll byte[] other) {
    byte[] signature = key.sign(message);
    assertThat(key.nodeId().verify(message, signature)).isTrue();
    assertThat(key.nodeId().verify(message, other)).isEqualTo(Arrays.equals(signature, other));
    byte[] changed = signature.clone();
    changed[other.length % 64] ^= 1;
    assertThat(key.nodeId().verify(message, changed)).isFalse();
  }

  @Property(tries = 100)
  void noBytesButAPointAreAnId(@ForAll byte[] bytes) throws Exception {
    if (bytes.length == 32 && Ed25519Points.isOnCurve(bytes)) {
      assertThat(NodeId.ofBytes(bytes).toBytes()).isEqualTo(bytes);
    } else {
      assertThatThrownBy(() -> NodeId.ofBytes(bytes)).isInstanceOf(KeyParseException.class);
    }
  }
}
