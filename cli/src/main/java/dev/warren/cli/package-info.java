/** The warren command: one class a command, events in one place. */
@NullMarked
package dev.warren.cli;

import org.jspecify.annotations.NullMarked;
