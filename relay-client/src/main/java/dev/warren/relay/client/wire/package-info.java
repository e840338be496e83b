/** The relay protocol on the wire: WebSocket frames, relay frames, the handshake's signatures. */
@NullMarked
package dev.warren.relay.client.wire;

import org.jspecify.annotations.NullMarked;
