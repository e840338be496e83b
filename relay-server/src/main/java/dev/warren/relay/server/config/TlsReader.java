package dev.warren.relay.server.config;

import static dev.warren.relay.server.config.ConfigKey.TLS_ACME_CA;
import static dev.warren.relay.server.config.ConfigKey.TLS_ACME_URL;
import static dev.warren.relay.server.config.ConfigKey.TLS_CERT_DIR;
import static dev.warren.relay.server.config.ConfigKey.TLS_CERT_MODE;
import static dev.warren.relay.server.config.ConfigKey.TLS_CONTACT;
import static dev.warren.relay.server.config.ConfigKey.TLS_HOSTNAME;
import static dev.warren.relay.server.config.ConfigKey.TLS_HTTPS_BIND_ADDR;
import static dev.warren.relay.server.config.ConfigKey.TLS_MANUAL_CERT_PATH;
import static dev.warren.relay.server.config.ConfigKey.TLS_MANUAL_KEY_PATH;
import static dev.warren.relay.server.config.ConfigKey.TLS_PROD_TLS;

import dev.warren.relay.server.config.TlsSettings.Mode;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
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

  /** RFC 8555 directories of Let's Encrypt. */
  private static final String PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory";

  private static final String STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory";

  private final ConfigReader reader;
  private final Environment environment;

  TlsReader(ConfigReader reader, Environment environment) {
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
    Path directory = path(TLS_CERT_DIR).orElse(Path.of("."));
    Path certificate = path(TLS_MANUAL_CERT_PATH).orElse(directory.resolve("default.crt"));
    Path key = path(TLS_MANUAL_KEY_PATH).orElse(directory.resolve("default.key"));
    if (mode == Mode.LETS_ENCRYPT) {
      requireNames(directory);
    } else if (isFile(TLS_MANUAL_CERT_PATH, certificate) & isFile(TLS_MANUAL_KEY_PATH, key)) {
      requireUsable(certificate, key);
    }
    boolean production = reader.bool(TLS_PROD_TLS).orElse(true);
    String url =
        environment
            .get(ACME_URL, reader)
            .or(() -> reader.text(TLS_ACME_URL))
            .orElse(production ? PRODUCTION : STAGING);
    Optional<Path> ca = environment.get(ACME_CA, reader).map(Path::of).or(() -> path(TLS_ACME_CA));
    return new TlsSettings(
        mode,
        reader
            .address(TLS_HTTPS_BIND_ADDR)
            .orElse(new InetSocketAddress(http.getAddress(), HTTPS_PORT)),
        certificate,
        key,
        hostnames(),
        directory,
        reader.text(TLS_CONTACT),
        acmeUrl(url),
        ca);
  }

  private void requireNames(Path directory) {
    if (hostnames().isEmpty()) {
      reader.problem(
          TLS_CERT_MODE, "\"LetsEncrypt\" needs tls.hostname: what the certificate is for");
    }
    if (!reader.has(TLS_CONTACT)) {
      reader.problem(TLS_CERT_MODE, "\"LetsEncrypt\" needs tls.contact: an e-mail address");
    }
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      reader.problem(
          reader.has(TLS_CERT_DIR) ? TLS_CERT_DIR : TLS_CERT_MODE,
          ": " + directory + " is not a folder that can be written to: make it first");
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

  /** What cannot be used is found here, not when the first client comes. */
  private void requireUsable(Path certificate, Path key) {
    File chain = certificate.toFile();
    try {
      SslContextBuilder.forServer(chain, key.toFile()).sslProvider(SslProvider.JDK).build();
    } catch (Exception e) { // Netty throws what its parsers throw.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      reader.problem(
          reader.has(TLS_MANUAL_CERT_PATH) ? TLS_MANUAL_CERT_PATH : TLS_CERT_MODE,
          ": " + certificate + " and " + key + " are no PEM chain and key: " + cause.getMessage());
    }
  }

  private URI acmeUrl(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      reader.problem(TLS_ACME_URL, "is not a URL: " + text);
      return URI.create(STAGING);
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
