/** HTTP proxies on the way to a relay. */
@NullMarked
package dev.warren.relay.client.proxy;

import org.jspecify.annotations.NullMarked;
