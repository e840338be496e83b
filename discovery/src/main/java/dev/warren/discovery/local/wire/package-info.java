/** The messages by which iroh's nodes, and Warren's, find each other on a link. */
@NullMarked
package dev.warren.discovery.local.wire;

import org.jspecify.annotations.NullMarked;
