/** Netty access for those who want buffers and channels; each method says who releases. */
@NullMarked
package dev.warren.core.netty;

import org.jspecify.annotations.NullMarked;
