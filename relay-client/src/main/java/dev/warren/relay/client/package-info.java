/** A connection to a relay that keeps itself alive. */
@NullMarked
package dev.warren.relay.client;

import org.jspecify.annotations.NullMarked;
