/** What strangers send before they are clients: HTTP requests, PROXY headers, TLS greetings. */
@NullMarked
package dev.warren.serving.wire;

import org.jspecify.annotations.NullMarked;
