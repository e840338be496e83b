/**
 * Discovery by the Mainline DHT: signed packets as mutable items (BEP 5, BEP 44), a client, and a
 * node for those who run a DHT of their own.
 */
@NullMarked
package dev.warren.discovery.dht;

import org.jspecify.annotations.NullMarked;
