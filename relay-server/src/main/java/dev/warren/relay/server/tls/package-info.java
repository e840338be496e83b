/** Where a relay's certificate comes from. */
@NullMarked
package dev.warren.relay.server.tls;

import org.jspecify.annotations.NullMarked;
