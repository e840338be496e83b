/** Pure codecs of the Mainline DHT: bencode, KRPC messages, items (BEP 3, 5, 44). */
@NullMarked
package dev.warren.discovery.dht.wire;

import org.jspecify.annotations.NullMarked;
