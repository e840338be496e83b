/** Reverse proxies in front of a relay, and whom they speak for. */
@NullMarked
package dev.warren.relay.server.proxy;

import org.jspecify.annotations.NullMarked;
