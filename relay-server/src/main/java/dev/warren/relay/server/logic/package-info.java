/** The decisions of the relay: pure, with time as an argument. */
@NullMarked
package dev.warren.relay.server.logic;

import org.jspecify.annotations.NullMarked;
