/** What services decide: pure state machines that take the time as an argument. */
@NullMarked
package dev.warren.discovery.logic;

import org.jspecify.annotations.NullMarked;
