package dev.warren.dns.server.config;

import dev.warren.serving.tls.ServerTls;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The table {@code [https]} of a configuration. Immutable.
 *
 * @param mode as the file has it
 * @param source of the certificate
 * @param publish where a self-signed certificate is written at the start, for clients to trust
 */
public record HttpsSettings(
    String mode, InetSocketAddress address, ServerTls source, Optional<Path> publish) {}
