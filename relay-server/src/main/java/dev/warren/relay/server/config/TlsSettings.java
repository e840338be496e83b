package dev.warren.relay.server.config;

import dev.warren.serving.tls.ServerTls;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The table {@code [tls]} of a relay's configuration. Immutable.
 *
 * @param https where https is served
 * @param source of the certificate
 * @param publish where a self-signed certificate is written at the start, for clients to trust
 */
public record TlsSettings(
    Mode mode, InetSocketAddress https, ServerTls source, Optional<Path> publish) {

  /** Where the certificate comes from; the names are the field's, case-sensitive. */
  public enum Mode {
    /** From files. The field reads them once, here they are read again when they change. */
    MANUAL("Manual"),
    /** The same. */
    RELOADING("Reloading"),
    /** From an ACME authority, by TLS-ALPN-01 on the https port. */
    LETS_ENCRYPT("LetsEncrypt"),
    /** Made at each start, for trying things out; ours. */
    SELF_SIGNED("SelfSigned");

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
