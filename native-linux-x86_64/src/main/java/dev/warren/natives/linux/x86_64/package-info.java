/** Names the platform of this module's native libraries. */
@NullMarked
package dev.warren.natives.linux.x86_64;

import org.jspecify.annotations.NullMarked;
