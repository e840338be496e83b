/** The queues in front of a disk or a database: what the stores have in common. */
@NullMarked
package dev.warren.dns.server.store.queue;

import org.jspecify.annotations.NullMarked;
