/** Who is on the link, and when to ask and to answer; time is an argument. */
@NullMarked
package dev.warren.discovery.local.logic;

import org.jspecify.annotations.NullMarked;
