package dev.warren.cli;

import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.PathInfo;
import dev.warren.core.RemoteInfo;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who named the addresses of an endpoint's peers. Any thread. */
record Provenance(Endpoint endpoint) {
  /** What {@link RemoteInfo.Source} names that only comes once the peer was reached somehow. */
  private static final Set<String> FROM_THE_PEER = Set.of("call-me-maybe", "probe", "datagram");

  /**
   * Of the address of a path, the first to name it first; empty if nobody did, or none is known.
   */
  private List<RemoteInfo.Source> sources(Connection connection, PathInfo path) {
    return endpoint.remoteInfo(connection.remoteId()).stream()
        .flatMap(info -> info.addrs().stream())
        .filter(addr -> addr.addr().equals(path.remote()))
        .findFirst()
        .map(RemoteInfo.Address::sources)
        .orElse(List.of());
  }

  /** Who named the address of a path first; null if nobody did. */
  @Nullable String first(Connection connection, PathInfo path) {
    List<RemoteInfo.Source> sources = sources(connection, path);
    return sources.isEmpty() ? null : sources.get(0).provenance();
  }

  /** All who named it, with how long ago they last did. */
  List<Map<String, Object>> all(Connection connection, PathInfo path) {
    return sources(connection, path).stream().map(Provenance::json).toList();
  }

  /** The services that named any address of a peer, or "application"; the first to do so first. */
  List<String> foundBy(Connection connection) {
    return endpoint.remoteInfo(connection.remoteId()).stream()
        .flatMap(info -> info.addrs().stream())
        .flatMap(addr -> addr.sources().stream())
        .filter(source -> !FROM_THE_PEER.contains(source.provenance()))
        .sorted(Comparator.comparing(RemoteInfo.Source::told))
        .map(RemoteInfo.Source::provenance)
        .distinct()
        .toList();
  }

  private static Map<String, Object> json(RemoteInfo.Source source) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("provenance", source.provenance());
    fields.put("ageMs", Math.max(0, source.age().toMillis()));
    return fields;
  }
}
