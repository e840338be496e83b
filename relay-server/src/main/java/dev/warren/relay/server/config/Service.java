package dev.warren.relay.server.config;

import java.net.InetSocketAddress;

/**
 * A service beside the relay. Immutable.
 *
 * @param asked whether the configuration names its address: then it must be had; a default that is
 *     taken is not worth a relay that does not start
 */
public record Service(InetSocketAddress address, boolean asked) {}
