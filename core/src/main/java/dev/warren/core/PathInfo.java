package dev.warren.core;

import dev.warren.base.TransportAddr;
import dev.warren.magicsock.PathSnapshot;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A path to a peer at one moment.
 *
 * @param remote the peer's UDP address or the relay; null for type NONE only
 * @param type direct or relayed
 * @param confirmed whether a probe has come back over it
 * @param rtt round-trip time of the last probe; zero if none has come back
 * @param since when it came into use, or became known
 * @param bytesSent UDP or relay payload bytes sent over it
 * @param bytesReceived payload bytes received over it
 * @param why for a path that is not direct: why there is no direct one; else empty
 */
public record PathInfo(
    @Nullable TransportAddr remote,
    Type type,
    boolean confirmed,
    Duration rtt,
    Instant since,
    long bytesSent,
    long bytesReceived,
    String why) {

  /** Kinds of path. */
  public enum Type {
    DIRECT,
    RELAY,
    CUSTOM,
    /** No path works at present. */
    NONE
  }

  /** True for a UDP path between the two nodes. */
  public boolean isDirect() {
    return type == Type.DIRECT;
  }

  static PathInfo of(PathSnapshot path) {
    TransportAddr remote = path.remote();
    Type type = type(remote);
    return new PathInfo(
        remote,
        type,
        path.confirmed(),
        path.rtt(),
        path.since(),
        path.bytesSent(),
        path.bytesReceived(),
        path.why());
  }

  private static Type type(@Nullable TransportAddr remote) {
    if (remote == null) {
      return Type.NONE;
    }
    if (remote instanceof TransportAddr.Ip) {
      return Type.DIRECT;
    }
    return remote instanceof TransportAddr.Relay ? Type.RELAY : Type.CUSTOM;
  }
}
