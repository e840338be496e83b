/** When to dial, ping and give up; time is an argument. */
@NullMarked
package dev.warren.relay.client.logic;

import org.jspecify.annotations.NullMarked;
