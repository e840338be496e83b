package dev.warren.dns.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.dns.server.Vectors;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeyLabelTest {
  private static KeyLabel read(String label) {
    byte[] text = label.getBytes(StandardCharsets.ISO_8859_1);
    byte[] name = new byte[text.length + 2];
    name[0] = (byte) text.length;
    System.arraycopy(text, 0, name, 1, text.length);
    return KeyLabel.read(name, 0);
  }

  @Test
  void aLabelIsTheBytesThatItStandsFor() {
    for (int i = 0; i < 200; i++) {
      NodeId id = SecretKey.generate().nodeId();
      KeyLabel key = read(id.toZ32());
      assertThat(key).as(id.toZ32()).isEqualTo(KeyLabel.of(id.toBytes()));
      assertThat(key.toBytes()).isEqualTo(id.toBytes());
      assertThat(key).hasSameHashCodeAs(KeyLabel.of(id.toBytes()));
    }
  }

  @Test
  void whatIsNotCanonicalIsNoKey() {
    String almost = Vectors.Z32.substring(0, 51);
    assertThat(read(almost)).as("a character less").isNull();
    assertThat(read(Vectors.Z32 + "y")).as("one more").isNull();
    assertThat(read(almost + "l")).as("not in the alphabet").isNull();
    assertThat(read(almost + "\u00ff")).as("not ASCII").isNull();
    for (char last : "bndrfg8ejkmcpqx".toCharArray()) {
      assertThat(read(almost + last)).as("bits beyond the key: " + last).isNull();
    }
  }
}
