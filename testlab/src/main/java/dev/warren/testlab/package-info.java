/**
 * What tests of every module need: time by hand, waiting with a bound, buffers that must come back.
 */
@NullMarked
package dev.warren.testlab;

import org.jspecify.annotations.NullMarked;
