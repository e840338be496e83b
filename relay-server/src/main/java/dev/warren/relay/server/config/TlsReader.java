package dev.warren.relay.server.config;

import static dev.warren.relay.server.config.RelayKey.TLS_ACME_CA;
import static dev.warren.relay.server.config.RelayKey.TLS_ACME_URL;
import static dev.warren.relay.server.config.RelayKey.TLS_CERT_DIR;
import static dev.warren.relay.server.config.RelayKey.TLS_CERT_MODE;
import static dev.warren.relay.server.config.RelayKey.TLS_CONTACT;
import static dev.warren.relay.server.config.RelayKey.TLS_HOSTNAME;
import static dev.warren.relay.server.config.RelayKey.TLS_HTTPS_BIND_ADDR;
import static dev.warren.relay.server.config.RelayKey.TLS_MANUAL_CERT_PATH;
import static dev.warren.relay.server.config.RelayKey.TLS_MANUAL_KEY_PATH;
import static dev.warren.relay.server.config.RelayKey.TLS_PROD_TLS;
import static dev.warren.relay.server.config.RelayKey.TLS_QUIC_BIND_ADDR;
import static dev.warren.relay.server.config.RelayKey.TLS_SELF_SIGNED_PATH;

import dev.warren.relay.server.config.TlsSettings.Mode;
import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.config.ConfigKey;
import dev.warren.serving.config.ConfigReader;
import dev.warren.serving.config.Environment;
import dev.warren.serving.tls.AcmeOptions;
import dev.warren.serving.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table {@code [tls]} (relay-server sections 5 and 6.2). */
final class TlsReader {
  private static final int HTTPS_PORT = 443;
  private static final String ACME_URL = "RELAY_ACME_URL";
  private static final String ACME_CA = "RELAY_ACME_CA";

  private final ConfigReader reader;
  private final Environment environment;
  private final boolean serving;

  /**
   * @param serving there is a certificate already, which stays if the files hold no other
   */
  TlsReader(ConfigReader reader, Environment environment, boolean serving) {
    this.serving = serving;
    this.reader = reader;
    this.environment = environment;
  }

  Optional<TlsSettings> read(InetSocketAddress http) {
    return reader.hasTable("tls") ? mode().map(m -> settings(m, http)) : Optional.empty();
  }

  private Optional<Mode> mode() {
    if (!reader.has(TLS_CERT_MODE)) {
      reader.problem(reader.lineOfTable("tls"), "[tls] needs tls.cert_mode: one of " + modes());
    }
    Optional<String> word = reader.text(TLS_CERT_MODE);
    Optional<Mode> mode =
        word.flatMap(w -> Stream.of(Mode.values()).filter(m -> m.word.equals(w)).findFirst());
    if (word.isPresent() && mode.isEmpty()) {
      reader.problem(TLS_CERT_MODE, "is one of " + modes() + ", not \"" + word.get() + '"');
    }
    return mode;
  }

  private static String modes() {
    return Stream.of(Mode.values()).map(m -> '"' + m.word + '"').collect(Collectors.joining(", "));
  }

  private TlsSettings settings(Mode mode, InetSocketAddress http) {
    InetSocketAddress https =
        reader
            .address(TLS_HTTPS_BIND_ADDR)
            .orElse(new InetSocketAddress(http.getAddress(), HTTPS_PORT));
    if (reader.address(TLS_QUIC_BIND_ADDR).isPresent()) {
      reader.remark(TLS_QUIC_BIND_ADDR, "has no effect: QUIC address discovery is not served here");
    }
    if (mode != Mode.SELF_SIGNED && reader.has(TLS_SELF_SIGNED_PATH)) {
      reader.problem(TLS_SELF_SIGNED_PATH, "is of no use without tls.cert_mode = \"SelfSigned\"");
    }
    Path directory = path(TLS_CERT_DIR).orElse(Path.of("."));
    ServerTls source =
        switch (mode) {
          case MANUAL, RELOADING -> files(directory);
          case LETS_ENCRYPT -> acme(directory);
          case SELF_SIGNED ->
              ServerTls.selfSigned(hostnames().isEmpty() ? namesOf(https) : hostnames());
        };
    return new TlsSettings(mode, https, source, path(TLS_SELF_SIGNED_PATH));
  }

  /** By which a relay at that address is reached from its own machine. */
  static List<String> namesOf(InetSocketAddress https) {
    return https.getAddress().isAnyLocalAddress()
        ? List.of("localhost", "127.0.0.1", "::1")
        : List.of("localhost", https.getAddress().getHostAddress());
  }

  private ServerTls files(Path directory) {
    Path chain = path(TLS_MANUAL_CERT_PATH).orElse(directory.resolve("default.crt"));
    Path key = path(TLS_MANUAL_KEY_PATH).orElse(directory.resolve("default.key"));
    ServerTls files = ServerTls.files(chain, key);
    if (!serving && isFile(TLS_MANUAL_CERT_PATH, chain) & isFile(TLS_MANUAL_KEY_PATH, key)) {
      requireUsable(files);
    }
    return files;
  }

  /** Names a source even if its parts are wrong: that is told, and nobody gets to use it. */
  private ServerTls acme(Path directory) {
    if (hostnames().isEmpty()) {
      reader.problem(TLS_CERT_MODE, "\"LetsEncrypt\" needs tls.hostname: the certificate's names");
    }
    if (!reader.has(TLS_CONTACT)) {
      reader.problem(TLS_CERT_MODE, "\"LetsEncrypt\" needs tls.contact: an e-mail address");
    }
    boolean production = reader.bool(TLS_PROD_TLS).orElse(true);
    Optional<String> url = environment.get(ACME_URL, reader).or(() -> reader.text(TLS_ACME_URL));
    Optional<Path> ca = environment.get(ACME_CA, reader).map(Path::of).or(() -> path(TLS_ACME_CA));
    List<String> contacts = reader.text(TLS_CONTACT).map(List::of).orElse(List.of());
    try {
      URI authority =
          url.isPresent()
              ? URI.create(url.get())
              : production ? AcmeOptions.LETS_ENCRYPT : AcmeOptions.LETS_ENCRYPT_STAGING;
      return ServerTls.acme(
          AcmeOptions.letsEncrypt(hostnames(), contacts, directory)
              .directory(authority, ca.orElse(null)));
    } catch (IllegalArgumentException e) {
      if (!hostnames().isEmpty()) {
        reader.problem(TLS_CERT_MODE, "\"LetsEncrypt\" cannot be used: " + e.getMessage());
      }
      return ServerTls.selfSigned(List.of("localhost"));
    }
  }

  private List<String> hostnames() {
    return reader.texts(TLS_HOSTNAME).orElse(List.of()).stream()
        .map(ConfigReader.Located::text)
        .filter(name -> !name.isBlank())
        .toList();
  }

  private boolean isFile(ConfigKey key, Path file) {
    if (Files.isRegularFile(file) && Files.isReadable(file)) {
      return true;
    }
    String fault = Files.isDirectory(file) ? "is a folder" : "there is no such file to read";
    reader.problem(reader.has(key) ? key : TLS_CERT_MODE, ": " + file + ": " + fault);
    return false;
  }

  /** What cannot be used is found here as it would be at the start. */
  private void requireUsable(ServerTls files) {
    try {
      Certificates.open(files).close();
    } catch (IOException e) {
      reader.problem(
          reader.has(TLS_MANUAL_CERT_PATH) ? TLS_MANUAL_CERT_PATH : TLS_CERT_MODE,
          "cannot be used: " + e.getMessage());
    }
  }

  private Optional<Path> path(ConfigKey key) {
    return reader
        .text(key)
        .flatMap(
            text -> {
              try {
                return Optional.of(Path.of(text));
              } catch (InvalidPathException e) {
                reader.problem(key, "is not a file name: " + e.getReason());
                return Optional.empty();
              }
            });
  }
}
