/** Path state and selection; time is an argument, nothing is sent here. */
@NullMarked
package dev.warren.magicsock.logic;

import org.jspecify.annotations.NullMarked;
