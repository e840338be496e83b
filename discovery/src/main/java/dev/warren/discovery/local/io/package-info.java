/** Multicast sockets on each interface, and the thread that serves them. */
@NullMarked
package dev.warren.discovery.local.io;

import org.jspecify.annotations.NullMarked;
