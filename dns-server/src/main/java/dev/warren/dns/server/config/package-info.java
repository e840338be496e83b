/**
 * A DNS server's configuration file: TOML with the keys of iroh-dns-server (dns-server section 3)
 * and ours. Needs {@code org.tomlj}, which is an optional dependency: a program that embeds a
 * server has a builder and no file.
 */
@NullMarked
package dev.warren.dns.server.config;

import org.jspecify.annotations.NullMarked;
