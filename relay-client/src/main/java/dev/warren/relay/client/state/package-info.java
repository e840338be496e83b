/** What a relay connection reports about itself, in forms that code can branch on. */
@NullMarked
package dev.warren.relay.client.state;

import org.jspecify.annotations.NullMarked;
