/**
 * A network of hosts and NATs in memory, under a clock of its own: thousands of runs a minute, each
 * the same for the same seed. For logic; {@link dev.warren.testlab.nat} has the real kernel's.
 */
@NullMarked
package dev.warren.testlab.sim;

import org.jspecify.annotations.NullMarked;
