package dev.warren.dns.server.config;

import static dev.warren.dns.server.config.DnsKey.HTTPS_ACME_CA;
import static dev.warren.dns.server.config.DnsKey.HTTPS_ACME_URL;
import static dev.warren.dns.server.config.DnsKey.HTTPS_BIND_ADDR;
import static dev.warren.dns.server.config.DnsKey.HTTPS_CERT_MODE;
import static dev.warren.dns.server.config.DnsKey.HTTPS_CERT_PATH;
import static dev.warren.dns.server.config.DnsKey.HTTPS_CONTACT;
import static dev.warren.dns.server.config.DnsKey.HTTPS_DOMAINS;
import static dev.warren.dns.server.config.DnsKey.HTTPS_KEY_PATH;
import static dev.warren.dns.server.config.DnsKey.HTTPS_PORT;
import static dev.warren.dns.server.config.DnsKey.HTTPS_PROD;
import static dev.warren.dns.server.config.DnsKey.HTTPS_SELF_SIGNED_PATH;

import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.config.ConfigReader;
import dev.warren.serving.tls.AcmeOptions;
import dev.warren.serving.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The table {@code [https]} (dns-server sections 3 and 8). */
final class HttpsReader {
  private static final String MODES = "\"manual\", \"lets_encrypt\" or \"self_signed\"";

  private final ConfigReader reader;
  private final Addresses addresses;
  private final Path certificates;

  /**
   * @param certificates the folder {@code cert_cache}
   */
  HttpsReader(ConfigReader reader, Addresses addresses, Path certificates) {
    this.reader = reader;
    this.addresses = addresses;
    this.certificates = certificates;
  }

  Optional<HttpsSettings> read() {
    Optional<InetSocketAddress> address = addresses.ofTable("https", HTTPS_BIND_ADDR, HTTPS_PORT);
    if (address.isEmpty()) {
      return Optional.empty();
    }
    List<String> domains = domains();
    if (domains.isEmpty()) {
      reader.problem(reader.lineOfTable("https"), "[https] needs https.domains: host names");
    }
    String mode = reader.text(HTTPS_CERT_MODE).orElse("");
    Optional<ServerTls> source =
        switch (mode) {
          case "manual" -> domains.isEmpty() ? Optional.empty() : Optional.of(files(domains));
          case "lets_encrypt" -> acme(domains);
          case "self_signed" ->
              domains.isEmpty() ? Optional.empty() : Optional.of(ServerTls.selfSigned(domains));
          default -> {
            reader.problem(
                reader.has(HTTPS_CERT_MODE)
                    ? reader.line(HTTPS_CERT_MODE)
                    : reader.lineOfTable("https"),
                "https.cert_mode is " + MODES + (mode.isEmpty() ? "" : ", not \"" + mode + '"'));
            yield Optional.empty();
          }
        };
    Optional<Path> publish = reader.text(HTTPS_SELF_SIGNED_PATH).map(Path::of);
    if (publish.isPresent() && !mode.equals("self_signed")) {
      reader.problem(HTTPS_SELF_SIGNED_PATH, "is of no use without cert_mode = \"self_signed\"");
    }
    return source.map(s -> new HttpsSettings(mode, address.get(), s, publish));
  }

  private List<String> domains() {
    return reader.texts(HTTPS_DOMAINS).orElse(List.of()).stream()
        .map(ConfigReader.Located::text)
        .filter(name -> !name.isBlank())
        .toList();
  }

  /** Named by the first domain, as iroh-dns-server has them, unless the file says otherwise. */
  private ServerTls files(List<String> domains) {
    String name = domains.get(0).replaceAll("[^A-Za-z0-9.-]", "");
    Path chain =
        reader.text(HTTPS_CERT_PATH).map(Path::of).orElse(certificates.resolve(name + ".crt"));
    Path key =
        reader.text(HTTPS_KEY_PATH).map(Path::of).orElse(certificates.resolve(name + ".key"));
    ServerTls files = ServerTls.files(chain, key);
    try {
      Certificates.open(files).close();
    } catch (IOException e) {
      reader.problem(
          reader.has(HTTPS_CERT_PATH) ? HTTPS_CERT_PATH : HTTPS_CERT_MODE,
          "cannot be used: " + e.getMessage());
    }
    return files;
  }

  private Optional<ServerTls> acme(List<String> domains) {
    Optional<String> contact = reader.text(HTTPS_CONTACT);
    if (contact.isEmpty()) {
      reader.problem(
          HTTPS_CERT_MODE, "\"lets_encrypt\" needs https.letsencrypt_contact: an e-mail address");
      return Optional.empty();
    }
    boolean production = reader.bool(HTTPS_PROD).orElse(false);
    try {
      URI authority =
          reader
              .text(HTTPS_ACME_URL)
              .map(URI::create)
              .orElse(production ? AcmeOptions.LETS_ENCRYPT : AcmeOptions.LETS_ENCRYPT_STAGING);
      AcmeOptions options =
          AcmeOptions.letsEncrypt(domains, List.of(contact.get()), certificates)
              .directory(authority, reader.text(HTTPS_ACME_CA).map(Path::of).orElse(null));
      return Optional.of(ServerTls.acme(options));
    } catch (IllegalArgumentException e) {
      reader.problem(HTTPS_CERT_MODE, "\"lets_encrypt\" cannot be used: " + e.getMessage());
      return Optional.empty();
    }
  }
}
