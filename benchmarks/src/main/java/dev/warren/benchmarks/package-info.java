/**
 * End-to-end benchmarks: Warren and bare Netty QUIC, each with a serving process of its own, run in
 * turn by one dialling process; ratios of medians.
 */
@NullMarked
package dev.warren.benchmarks;

import org.jspecify.annotations.NullMarked;
