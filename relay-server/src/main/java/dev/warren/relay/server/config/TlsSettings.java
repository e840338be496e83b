package dev.warren.relay.server.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code [tls]} of a relay's configuration. Immutable.
 *
 * @param https where https is served
 * @param certificate chain and key in PEM files; not used by ACME
 * @param hostnames what an ACME certificate is for
 * @param directory where ACME keeps its account and certificate
 * @param acmeUrl the directory URL of the authority
 * @param acmeCa roots to trust when talking to the authority, for a test authority
 */
public record TlsSettings(
    Mode mode,
    InetSocketAddress https,
    Path certificate,
    Path key,
    List<String> hostnames,
    Path directory,
    Optional<String> contact,
    URI acmeUrl,
    Optional<Path> acmeCa) {

  /** Where the certificate comes from; the names are the field's, case-sensitive. */
  public enum Mode {
    /** Read when the relay starts. */
    MANUAL("Manual"),
    /** Read again when the files change. */
    RELOADING("Reloading"),
    /** From an ACME authority, by TLS-ALPN-01 on the https port. */
    LETS_ENCRYPT("LetsEncrypt");

    final String word;

    Mode(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }
}
