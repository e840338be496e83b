/** Sockets of a DNS server and what is behind them. */
@NullMarked
package dev.warren.dns.server.io;

import org.jspecify.annotations.NullMarked;
