package dev.warren.core.io;

import dev.warren.base.SecretKey;
import dev.warren.core.spi.IdentityForm;
import io.netty.handler.codec.quic.BoringSSLKeylog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what the TLS contexts need. Stateless. */
public final class IdentityForms {
  private static final Logger LOG = LoggerFactory.getLogger(IdentityForms.class);

  private IdentityForms() {}

  /** The form that works everywhere. */
  public static IdentityForm x509(SecretKey key) throws GeneralSecurityException {
    return new X509Identity(key);
  }

  /**
   * Appends TLS secrets to the file named by SSLKEYLOGFILE, in the NSS format; without it, nowhere.
   */
  public static BoringSSLKeylog keyLogFile() {
    String name = System.getenv("SSLKEYLOGFILE");
    if (name == null) {
      LOG.warn("a key log was asked for, but SSLKEYLOGFILE is not set: nothing is written");
      return (engine, line) -> {};
    }
    Path file = Path.of(name);
    return (engine, line) -> {
      try {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        LOG.debug("key log: {}", e.toString());
      }
    };
  }
}
