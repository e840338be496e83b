/** What every listener of ours does before its own protocol: sockets, PROXY headers, TLS. */
@NullMarked
package dev.warren.serving.io;

import org.jspecify.annotations.NullMarked;
