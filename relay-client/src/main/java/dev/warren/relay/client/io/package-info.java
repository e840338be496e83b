/** The Netty side of a relay connection. */
@NullMarked
package dev.warren.relay.client.io;

import org.jspecify.annotations.NullMarked;
