/** Signed packets at pkarr relays: published and resolved over HTTP. */
@NullMarked
package dev.warren.discovery.pkarr;

import org.jspecify.annotations.NullMarked;
