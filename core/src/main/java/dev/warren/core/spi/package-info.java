/** What others may plug in. */
@NullMarked
package dev.warren.core.spi;

import org.jspecify.annotations.NullMarked;
