/** Nodes found in the DNS, and the resolver that asks for them. */
@NullMarked
package dev.warren.discovery.dns;

import org.jspecify.annotations.NullMarked;
