package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
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
  void whatIsNoFileIsRefusedUnread() throws Exception {
    assertThatThrownBy(() -> SecretKey.loadOrCreate(dir)).hasMessageContaining("is a directory");
    Path socket = dir.resolve("socket");
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket));
      assertThatThrownBy(() -> SecretKey.loadOrCreate(socket))
          .hasMessageContaining("is not a regular file");
    }
  }

  @Test
  void aFolderThatIsMissingIsSaidAndTheTemporaryNameIsNot() {
    Path file = dir.resolve("no/such/key");
    assertThatThrownBy(() -> SecretKey.loadOrCreate(file))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(
            "the secret key file %s cannot be read or made: its folder does not exist", file);
    assertThatThrownBy(() -> SecretKey.loadOrCreate(dir.resolve("k".repeat(300))))
        .isExactlyInstanceOf(IOException.class)
        .hasMessageContaining("cannot be read or made: File name too long");
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
