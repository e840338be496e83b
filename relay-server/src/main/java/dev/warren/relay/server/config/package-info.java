/**
 * A relay's configuration file: TOML with the keys of iroh-relay (relay-server section 6) and ours.
 * Needs {@code org.tomlj}, which is an optional dependency: a program that embeds a relay has a
 * builder and no file.
 */
@NullMarked
package dev.warren.relay.server.config;

import org.jspecify.annotations.NullMarked;
