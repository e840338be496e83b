/** Dial a key: endpoints, connections, streams, serving. */
@NullMarked
package dev.warren.core;

import org.jspecify.annotations.NullMarked;
