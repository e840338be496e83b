/**
 * The state machines of the Mainline DHT: whom it knows, how it looks things up, what it keeps for
 * others. Times are nanoseconds of one clock, given as arguments; no sockets, no threads.
 */
@NullMarked
package dev.warren.discovery.dht.logic;

import org.jspecify.annotations.NullMarked;
