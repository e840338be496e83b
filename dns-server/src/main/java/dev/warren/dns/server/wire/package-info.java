/** DNS queries and answers as bytes, and what DNS over HTTPS adds to them. */
@NullMarked
package dev.warren.dns.server.wire;

import org.jspecify.annotations.NullMarked;
