/**
 * The packet store in PostgreSQL, for several replicas behind one name. Needs {@code postgresql},
 * the JDBC driver, which is an optional dependency. There is no pool of connections: each thread of
 * the store has one of its own, so what a pool does for many short-lived users is not needed.
 */
@NullMarked
package dev.warren.dns.server.store.postgres;

import org.jspecify.annotations.NullMarked;
