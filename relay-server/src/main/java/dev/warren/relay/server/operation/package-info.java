/**
 * What a relay shows its operators: metrics for Prometheus and a page for people, each on a
 * listener of its own that has one thread, few connections and short deadlines, so that nothing
 * that happens there touches the relay.
 */
@NullMarked
package dev.warren.relay.server.operation;

import org.jspecify.annotations.NullMarked;
