/** Who may use a relay: asked once for each connection that has proved its node id. */
@NullMarked
package dev.warren.relay.server.access;

import org.jspecify.annotations.NullMarked;
