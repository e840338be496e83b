/** What a relay grants its clients, one by one and all together. */
@NullMarked
package dev.warren.relay.server.limits;

import org.jspecify.annotations.NullMarked;
