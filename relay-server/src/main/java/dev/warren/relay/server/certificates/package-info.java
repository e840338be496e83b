/** Certificates at run time: read, swapped, signed, ordered. */
@NullMarked
package dev.warren.relay.server.certificates;

import org.jspecify.annotations.NullMarked;
