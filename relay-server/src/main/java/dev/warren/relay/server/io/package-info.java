/** The Netty side of the relay: upgrade, handshake, forwarding. */
@NullMarked
package dev.warren.relay.server.io;

import org.jspecify.annotations.NullMarked;
