/** Decisions of servers about addresses, rates and renewals, without sockets. */
@NullMarked
package dev.warren.serving.logic;

import org.jspecify.annotations.NullMarked;
