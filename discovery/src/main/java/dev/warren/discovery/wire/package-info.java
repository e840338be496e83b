/**
 * What discovery services write and read: signed packets and the TXT record set. Over bytes, no
 * I/O.
 */
@NullMarked
package dev.warren.discovery.wire;

import org.jspecify.annotations.NullMarked;
