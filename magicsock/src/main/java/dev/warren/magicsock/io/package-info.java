/** UDP sockets on Netty. */
@NullMarked
package dev.warren.magicsock.io;

import org.jspecify.annotations.NullMarked;
