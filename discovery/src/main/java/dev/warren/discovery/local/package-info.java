/** Discovery on the local network, without any server. */
@NullMarked
package dev.warren.discovery.local;

import org.jspecify.annotations.NullMarked;
