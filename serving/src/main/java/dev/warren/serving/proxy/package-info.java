/** Reverse proxies in front of a server, and whom they speak for. */
@NullMarked
package dev.warren.serving.proxy;

import org.jspecify.annotations.NullMarked;
