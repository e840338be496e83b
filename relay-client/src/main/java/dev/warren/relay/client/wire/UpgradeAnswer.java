package dev.warren.relay.client.wire;

/**
 * What a server's answer to {@link UpgradeRequest} means (relay-protocol section C3).
 *
 * <pre>
 * 101, iroh-relay-v2 or -v1    V2, V1
 * 101, no subprotocol          LEGACY: a server up to 0.90
 * 401, 403                     DENIED
 * anything else                NO_RELAY
 * </pre>
 *
 * @param why for a message, where it is no relay connection
 */
public record UpgradeAnswer(Kind kind, String why) {
  /** What the connection is now. */
  public enum Kind {
    V2,
    V1,
    LEGACY,
    DENIED,
    NO_RELAY
  }

  /** Judges the head of the answer to a request with this key. */
  public static UpgradeAnswer of(HttpHead head, String websocketKey) {
    String[] parts = head.start().split(" ", 3);
    String code = parts.length > 1 && parts[0].startsWith("HTTP/1.") ? parts[1] : "";
    if (code.equals("401") || code.equals("403")) {
      return new UpgradeAnswer(Kind.DENIED, "the server answered \"" + head.start() + "\"");
    }
    if (!code.equals("101")) {
      return none("the server answered \"" + head.start() + "\" where a relay says 101");
    }
    String accept = head.header("sec-websocket-accept").orElse("");
    if (!accept.equals(Handshake.websocketAccept(websocketKey))) {
      return none("the server's WebSocket answer is not the one to our key");
    }
    String protocol = head.header("sec-websocket-protocol").orElse(null);
    if (protocol == null) {
      return new UpgradeAnswer(Kind.LEGACY, "");
    }
    return switch (protocol) {
      case RelayFrames.V2 -> new UpgradeAnswer(Kind.V2, "");
      case RelayFrames.V1 -> new UpgradeAnswer(Kind.V1, "");
      default -> none("the server speaks a relay protocol that we did not offer: " + protocol);
    };
  }

  private static UpgradeAnswer none(String why) {
    return new UpgradeAnswer(Kind.NO_RELAY, why);
  }
}
