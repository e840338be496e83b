package dev.warren.serving.certificates;

import dev.warren.serving.tls.AcmeOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The account's key and the certificate of an ACME authority, kept in a directory so that a restart
 * orders nothing. Files are named by authority and names, so that other options find nothing wrong;
 * only their owner may read them. One thread.
 */
final class AcmeCache {
  private static final Logger LOG = LoggerFactory.getLogger(AcmeCache.class);

  private static final int DNS_NAME = 2;

  private final AcmeOptions options;
  private final Path account;
  private final Path certificate;

  /**
   * @throws IOException if the directory cannot be made or written
   */
  AcmeCache(AcmeOptions options) throws IOException {
    this.options = options;
    Path directory = options.cache();
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory, permissions("rwx------"));
      }
    } catch (IOException e) {
      throw new IOException(
          "the ACME cache " + directory + " cannot be made: " + e.getMessage(), e);
    }
    if (!Files.isWritable(directory)) {
      throw new IOException("the ACME cache " + directory + " cannot be written");
    }
    account = directory.resolve("account-" + hash(options.contacts()) + ".pem");
    certificate = directory.resolve("certificate-" + hash(options.names()) + ".pem");
  }

  private String hash(List<String> of) {
    String text = options.directory() + "\n" + String.join("\n", new TreeSet<>(of));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, 16);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** The account's key pair; a new one if there is none yet. */
  KeyPair accountKey() throws IOException, GeneralSecurityException {
    if (Files.exists(account)) {
      String pem = Pem.read(account);
      String what = "the ACME account key " + account;
      return new KeyPair(Pem.publicKey(pem, what), Pem.key(pem, what));
    }
    KeyPair pair = SelfSigned.p256();
    write(
        account,
        Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded())
            + Pem.write("PUBLIC KEY", pair.getPublic().getEncoded()));
    return pair;
  }

  /** The certificate of an earlier run, if it is still valid and has all the names. */
  Optional<Identity> certificate() {
    if (!Files.exists(certificate)) {
      return Optional.empty();
    }
    try {
      Identity identity = Pem.identity(certificate, certificate);
      boolean valid = identity.leaf().getNotAfter().toInstant().isAfter(Instant.now());
      return valid && names(identity.leaf()).containsAll(options.names())
          ? Optional.of(identity)
          : Optional.empty();
    } catch (IOException | GeneralSecurityException e) {
      LOG.warn("the certificate in the ACME cache cannot be used: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static List<String> names(X509Certificate certificate) throws GeneralSecurityException {
    List<String> names = new ArrayList<>();
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> name : alternatives) {
        if (name.get(0).equals(DNS_NAME)) {
          names.add(String.valueOf(name.get(1)));
        }
      }
    }
    return names;
  }

  void store(Identity identity) throws IOException, GeneralSecurityException {
    StringBuilder pem = new StringBuilder();
    for (X509Certificate each : identity.chain()) {
      pem.append(Pem.write("CERTIFICATE", each.getEncoded()));
    }
    write(
        certificate, pem.append(Pem.write("PRIVATE KEY", identity.key().getEncoded())).toString());
  }

  /** Never half, never readable by others, not even for a moment. */
  private static void write(Path file, String text) throws IOException {
    Path temporary =
        Files.createTempFile(file.getParent(), "new-", ".pem", permissions("rw-------"));
    try {
      Files.writeString(temporary, text);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** None where the file system knows none. */
  private static FileAttribute<?>[] permissions(String text) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))
        }
        : new FileAttribute<?>[0];
  }
}
