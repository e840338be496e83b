/**
 * Where the server keeps the newest signed packet of each key: in a file ({@code h2-mvstore}, an
 * optional dependency), in PostgreSQL for several replicas behind one name ({@code postgresql},
 * optional too), or in memory.
 */
@NullMarked
package dev.warren.dns.server.store;

import org.jspecify.annotations.NullMarked;
