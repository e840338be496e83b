package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An authority of one's own, and certificates for 127.0.0.1 that it signs, in PEM files. The JDK
 * can make them, but only by its command.
 */
final class OwnAuthority {
  private static final String PASSWORD = "password";

  private final Path dir;
  private final Path store;

  OwnAuthority(Path dir) throws Exception {
    this.dir = dir;
    this.store = dir.resolve("authority.p12");
    generate("ca", "-ext", "bc:c");
  }

  private void generate(String alias, String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias));
    command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    command.addAll(List.of(more));
    Path log = dir.resolve("keytool.log");
    Process keytool =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(Files.readString(log)).isZero();
  }

  private KeyStore keys() throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  /** For {@code --relay-ca}. */
  Path ca() throws Exception {
    return write("ca.pem", pem("CERTIFICATE", keys().getCertificate("ca").getEncoded()));
  }

  /** Signs a certificate of that name. */
  void issue(String name) throws Exception {
    generate(name, "-signer", "ca", "-ext", "san=ip:127.0.0.1");
  }

  /** Puts that certificate and its key in the place of {@code relay.crt} and {@code relay.key}. */
  X509Certificate install(String name) throws Exception {
    X509Certificate leaf = (X509Certificate) keys().getCertificate(name);
    write("relay.crt", pem("CERTIFICATE", leaf.getEncoded()));
    write(
        "relay.key", pem("PRIVATE KEY", keys().getKey(name, PASSWORD.toCharArray()).getEncoded()));
    return leaf;
  }

  private Path write(String name, String text) throws IOException {
    Path next = Files.writeString(dir.resolve(name + ".new"), text);
    return Files.move(
        next,
        dir.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static String pem(String what, byte[] der) {
    String base64 =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
  }
}
