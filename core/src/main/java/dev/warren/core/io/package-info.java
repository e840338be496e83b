/** Netty QUIC over the magic socket; internal. */
@NullMarked
package dev.warren.core.io;

import org.jspecify.annotations.NullMarked;
