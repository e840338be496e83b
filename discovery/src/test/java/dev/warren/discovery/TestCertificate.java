package dev.warren.discovery;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate that signed itself; the JDK can make some, but only by its command. */
public final class TestCertificate {
  private static final String PASSWORD = "password";

  public final Path pem;
  public final SSLContext server;

  /** {@code names} as keytool wants them, such as {@code dns:dns.test,ip:127.0.0.1}. */
  public TestCertificate(Path dir, String names) throws Exception {
    Path store = Files.createTempFile(dir, "server", ".p12");
    Files.delete(store);
    Path log = dir.resolve("keytool.log");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String options =
        " -genkeypair -alias server -keyalg EC -groupname secp256r1 -dname CN=server -validity 2"
            + " -storetype PKCS12 -storepass "
            + PASSWORD
            + " -ext san="
            + names
            + " -keystore "
            + store;
    Process process =
        new ProcessBuilder((keytool + options).split(" "))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(Files.readString(log));
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    pem =
        Files.writeString(
            Path.of(store + ".pem"),
            "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getCertificate("server").getEncoded())
                + "\n-----END CERTIFICATE-----\n");
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, PASSWORD.toCharArray());
    server = SSLContext.getInstance("TLS");
    server.init(managers.getKeyManagers(), null, null);
  }
}
