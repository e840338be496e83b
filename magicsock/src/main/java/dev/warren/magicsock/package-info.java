/** Datagrams to peers named by id, over whatever path works. */
@NullMarked
package dev.warren.magicsock;

import org.jspecify.annotations.NullMarked;
