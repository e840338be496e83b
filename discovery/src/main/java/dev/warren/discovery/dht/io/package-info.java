/** The socket of the DHT and its thread. */
@NullMarked
package dev.warren.discovery.dht.io;

import org.jspecify.annotations.NullMarked;
