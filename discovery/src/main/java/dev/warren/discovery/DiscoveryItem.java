package dev.warren.discovery;

import dev.warren.base.NodeId;
import java.time.Instant;
import java.util.Optional;

/**
 * One finding.
 *
 * @param provenance the service: "dns", "pkarr", "mdns", "dht", "memory", or another's name
 * @param lastUpdated when the node itself said so, if that is known; by its clock
 */
public record DiscoveryItem(
    NodeId id, EndpointData data, String provenance, Optional<Instant> lastUpdated) {}
