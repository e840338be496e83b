package dev.warren.relay.server.access;

import dev.warren.base.NodeId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A connection that asks to be let in (relay-protocol section A5.5). Its node id is proved; all
 * else is what the client says of itself. Immutable; {@link #toString} shows no secrets.
 *
 * @param connection number of the connection, unique in this process; {@code
 *     AccessControl.onDisconnect} and revocation name it
 * @param node the proved id
 * @param protocol the dialect spoken: {@code iroh-relay-v2}, {@code iroh-relay-v1}, or the name
 *     that the legacy upgrade carried
 * @param target the request target as sent: path and query
 * @param headers all request headers, names in lower case, values in the order sent
 * @param remote the client: behind a trusted proxy, what that proxy says
 * @param token the bearer token: of {@code Authorization}, else of the query
 */
public record AccessRequest(
    long connection,
    NodeId node,
    String protocol,
    String target,
    Map<String, List<String>> headers,
    InetSocketAddress remote,
    Optional<String> token) {

  public AccessRequest {
    headers = Map.copyOf(headers);
  }

  /**
   * A request whose token is looked for in {@code headers}, then in the query of {@code target}.
   */
  public static AccessRequest of(
      long connection,
      NodeId node,
      String protocol,
      String target,
      Map<String, List<String>> headers,
      InetSocketAddress remote) {
    return new AccessRequest(
        connection, node, protocol, target, headers, remote, BearerToken.find(headers, target));
  }

  @Override
  public String toString() {
    return "AccessRequest[connection="
        + connection
        + ", node="
        + node
        + ", protocol="
        + protocol
        + ", remote="
        + remote
        + (token.isPresent() ? ", with a token]" : ", without a token]");
  }
}
