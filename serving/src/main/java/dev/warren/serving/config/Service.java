package dev.warren.serving.config;

import java.net.InetSocketAddress;

/**
 * A service beside the main one. Immutable.
 *
 * @param asked whether the configuration names its address: then it must be had; a default that is
 *     taken is not worth a server that does not start
 */
public record Service(InetSocketAddress address, boolean asked) {}
