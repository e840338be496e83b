/** What a server grants strangers, one by one and all together. */
@NullMarked
package dev.warren.dns.server.limits;

import org.jspecify.annotations.NullMarked;
