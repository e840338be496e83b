/** Where a server looks for keys of which nobody gave it a packet. */
@NullMarked
package dev.warren.dns.server.fallback;

import org.jspecify.annotations.NullMarked;
