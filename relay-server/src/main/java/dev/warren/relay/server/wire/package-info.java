/** The answers of a relay to plain HTTP requests. */
@NullMarked
package dev.warren.relay.server.wire;

import org.jspecify.annotations.NullMarked;
