/** The domains that a server answers for, and what it says about them itself. */
@NullMarked
package dev.warren.dns.server.zone;

import org.jspecify.annotations.NullMarked;
