/** The addresses of a known id: what a service of discovery is, and all of them asked at once. */
@NullMarked
package dev.warren.discovery;

import org.jspecify.annotations.NullMarked;
