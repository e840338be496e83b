package dev.warren.relay.client;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate for one name that signed itself; the JDK can make some, but only by its command.
 */
final class KeytoolCertificate {
  private static final String PASSWORD = "password";

  final Path pem;
  final SSLContext server;

  /** {@code name} as keytool wants it, such as {@code dns:relay.test}. */
  KeytoolCertificate(Path dir, String name) throws Exception {
    Path store = dir.resolve("relay.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String options =
        " -genkeypair -alias relay -keyalg EC -groupname secp256r1 -dname CN=relay -validity 2"
            + " -storetype PKCS12 -storepass "
            + PASSWORD
            + " -ext san="
            + name
            + " -keystore "
            + store;
    Process process =
        new ProcessBuilder((keytool + options).split(" "))
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("keytool.log").toFile())
            .start();
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(Files.readString(dir.resolve("keytool.log")));
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    pem =
        Files.writeString(
            dir.resolve("relay.pem"),
            "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getCertificate("relay").getEncoded())
                + "\n-----END CERTIFICATE-----\n");
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, PASSWORD.toCharArray());
    server = SSLContext.getInstance("TLS");
    server.init(managers.getKeyManagers(), null, null);
  }
}
