/** STUN (RFC 8489): how a host learns the address that others see. Over bytes, no I/O. */
@NullMarked
package dev.warren.base.stun;

import org.jspecify.annotations.NullMarked;
