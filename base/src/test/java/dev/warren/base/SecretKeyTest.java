package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretKeyTest {
  @TempDir Path dir;

  @Test
  void aNewFileIsPrivateAndComesBackTheSame() throws Exception {
    Path file = dir.resolve("key");
    SecretKey made = SecretKey.loadOrCreate(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(SecretKey.loadOrCreate(file)).isEqualTo(made);
    try (var files = Files.list(dir)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aFileThatOthersCanReadIsRefused() throws Exception {
    Path file = dir.resolve("key");
    SecretKey.loadOrCreate(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> SecretKey.loadOrCreate(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void aMalformedFileIsRefusedAndLeftAlone() throws Exception {
    Path file = dir.resolve("key");
    Files.writeString(file, "not a key");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThatThrownBy(() -> SecretKey.loadOrCreate(file)).isInstanceOf(IOException.class);
    assertThat(Files.readString(file)).isEqualTo("not a key");
  }

  @Test
  void theTextNeverShowsTheSecretAndSignaturesVerify() {
    SecretKey key = SecretKey.generate();
    assertThat(key.toString()).doesNotContain(dev.warren.base.wire.Hex.encode(key.toBytes()));
    byte[] message = {1, 2, 3};
    byte[] signature = key.sign(message);
    assertThat(key.nodeId().verify(message, signature)).isTrue();
    signature[5] ^= 1;
    assertThat(key.nodeId().verify(message, signature)).isFalse();
    assertThat(SecretKey.generate().nodeId().verify(message, key.sign(message))).isFalse();
  }
}
