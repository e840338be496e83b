/** Standard DNS-SD (RFC 6763) by jmdns, for ordinary browsers of the local network. */
@NullMarked
package dev.warren.discovery.local.dnssd;

import org.jspecify.annotations.NullMarked;
