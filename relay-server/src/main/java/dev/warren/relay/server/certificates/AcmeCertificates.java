package dev.warren.relay.server.certificates;

import dev.warren.relay.server.tls.AcmeOptions;
import java.io.IOException;

/** Stub. */
final class AcmeCertificates {
  static Certificates open(AcmeOptions options) throws IOException {
    throw new IOException("ACME is not there yet");
  }
}
