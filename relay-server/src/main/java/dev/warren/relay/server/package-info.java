/** A relay in three lines. */
@NullMarked
package dev.warren.relay.server;

import org.jspecify.annotations.NullMarked;
