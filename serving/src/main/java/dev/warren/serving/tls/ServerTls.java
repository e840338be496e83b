package dev.warren.serving.tls;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Where a server's certificate comes from. Immutable descriptions: files are read, and authorities
 * asked, once the server binds.
 *
 * <p>Whatever the source, a server speaks TLS 1.2 and 1.3 with forward secrecy and authenticated
 * encryption only, asks for no client certificate, and of ALPN negotiates what it serves and that
 * of ACME. A new certificate is for new connections; those that live keep theirs.
 */
public sealed interface ServerTls {
  /**
   * A certificate chain and its key in PEM files, looked at every five seconds: when they change,
   * new connections get the new certificate. Files that cannot be used then are logged and counted
   * ({@code tls_reload_failures}), and the certificate in use stays. The files may be replaced one
   * after the other, or by symbolic links.
   *
   * @param chainPem the server's certificate first, then the intermediates
   * @param keyPem {@code PRIVATE KEY} (PKCS#8), {@code EC PRIVATE KEY} or {@code RSA PRIVATE KEY},
   *     not encrypted
   */
  static ServerTls files(Path chainPem, Path keyPem) {
    return new Files(chainPem, keyPem);
  }

  /**
   * A certificate that the server signs itself anew with each start, for trying things out: clients
   * have to be given it as the authority ({@code RelayServer.certificate}).
   *
   * @param names host names and IP addresses, at least one
   */
  static ServerTls selfSigned(Collection<String> names) {
    return new SelfSigned(List.copyOf(names));
  }

  /**
   * A certificate from an ACME authority such as Let's Encrypt (RFC 8555), which checks the names
   * on the https port itself (TLS-ALPN-01, RFC 8737): it must be reachable as port 443. Needs
   * {@code org.shredzone.acme4j:acme4j-client} on the class path, which Warren does not bring
   * along.
   */
  static ServerTls acme(AcmeOptions options) {
    return new Acme(options);
  }

  /** See {@link #files}. */
  record Files(Path chainPem, Path keyPem) implements ServerTls {}

  /** See {@link #selfSigned}. */
  record SelfSigned(List<String> names) implements ServerTls {
    public SelfSigned {
      if (names.isEmpty()) {
        throw new IllegalArgumentException("a certificate needs a name or an IP address");
      }
    }
  }

  /** See {@link #acme}. */
  record Acme(AcmeOptions options) implements ServerTls {}
}
