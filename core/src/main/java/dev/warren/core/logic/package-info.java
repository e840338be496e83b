/** Settings and mappings without I/O. */
@NullMarked
package dev.warren.core.logic;

import org.jspecify.annotations.NullMarked;
