package dev.warren.serving.certificates;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/** A certificate in a file, for clients to trust. Stateless. */
public final class CertificateFile {
  private CertificateFile() {}

  /** In PEM; what was there is replaced. */
  public static void write(Path file, X509Certificate certificate) throws IOException {
    try {
      Files.writeString(file, Pem.write("CERTIFICATE", certificate.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IOException(e);
    }
  }
}
