/** Where a server's certificate comes from. */
@NullMarked
package dev.warren.serving.tls;

import org.jspecify.annotations.NullMarked;
