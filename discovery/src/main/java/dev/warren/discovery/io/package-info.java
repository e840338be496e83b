/**
 * Sockets of the services that ask the world: DNS over UDP, TCP and TLS, and HTTP. One event loop
 * thread for all of the process.
 */
@NullMarked
package dev.warren.discovery.io;

import org.jspecify.annotations.NullMarked;
