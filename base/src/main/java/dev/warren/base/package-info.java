/** Who a node is, where it is, and what can go wrong: the vocabulary of every other module. */
@NullMarked
package dev.warren.base;

import org.jspecify.annotations.NullMarked;
