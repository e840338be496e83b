package dev.warren.relay.server;

import dev.warren.relay.client.RelayTrust;
import dev.warren.relay.server.limits.RelayLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A certificate for a relay on 127.0.0.1, and clients that look at no certificate. */
final class TlsFixture implements AutoCloseable {
  private static final char[] PASSWORD = "password".toCharArray();

  private final Path dir;
  private final KeyStore keys;

  private TlsFixture(Path dir, KeyStore keys) {
    this.dir = dir;
    this.keys = keys;
  }

  /** The JDK can make certificates, but only by its command. */
  static TlsFixture create() throws Exception {
    Path dir = Files.createTempDirectory("relay-tls");
    Path store = dir.resolve("relay.p12");
    Process keytool =
        new ProcessBuilder(
                (Path.of(System.getProperty("java.home"), "bin", "keytool")
                        + " -genkeypair -alias relay -keyalg EC -groupname secp256r1 -dname CN=relay"
                        + " -ext san=ip:127.0.0.1 -validity 2 -storetype PKCS12 -storepass password"
                        + " -keystore "
                        + store)
                    .split(" "))
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("keytool.log").toFile())
            .start();
    if (!keytool.waitFor(20, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IOException(Files.readString(dir.resolve("keytool.log")));
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    TlsFixture fixture = new TlsFixture(dir, keys);
    fixture.pem("CERTIFICATE", keys.getCertificate("relay").getEncoded());
    fixture.pem("PRIVATE KEY", keys.getKey("relay", PASSWORD).getEncoded());
    return fixture;
  }

  private void pem(String what, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        dir.resolve(what),
        "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }

  RelayServer.Builder builder(UnaryOperator<RelayLimits.Builder> limits) {
    return RelayServer.builder()
        .tls(dir.resolve("CERTIFICATE"), dir.resolve("PRIVATE KEY"))
        .limits(limits.apply(RelayLimits.builder()).build());
  }

  RelayTrust trust() throws IOException {
    return RelayTrust.caFile(dir.resolve("CERTIFICATE"));
  }

  /** A TLS connection, with the certificate of the relay as the client's if {@code withKey}. */
  static SSLSocket connect(InetSocketAddress relay, KeyManager... keys)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.length == 0 ? null : keys, new TrustManager[] {new TrustAll()}, null);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
    socket.connect(relay, 5000);
    socket.setSoTimeout(15_000);
    socket.startHandshake();
    return socket;
  }

  /** Shows the fixture's certificate to whoever asks. */
  KeyManager[] clientCertificate() throws GeneralSecurityException {
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(keys, PASSWORD);
    return factory.getKeyManagers();
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Override
  public void close() throws IOException {
    for (String file : new String[] {"relay.p12", "keytool.log", "CERTIFICATE", "PRIVATE KEY"}) {
      Files.deleteIfExists(dir.resolve(file));
    }
    Files.deleteIfExists(dir);
  }
}
