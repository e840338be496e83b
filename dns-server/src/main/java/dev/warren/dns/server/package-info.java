/** A DNS server for keys: a pkarr relay over HTTP, and DNS for what was published there. */
@NullMarked
package dev.warren.dns.server;

import org.jspecify.annotations.NullMarked;
