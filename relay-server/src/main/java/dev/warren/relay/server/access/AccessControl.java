package dev.warren.relay.server.access;

import dev.warren.base.NodeId;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may use a relay. Asked once for each connection, after its node id is proved and
 * before it is told so; not asked again while the connection lasts. To cut one off later, call
 * {@code RelayServer.disconnect}.
 *
 * <p>Called on an event loop: it must not block. A decision may come later and from any thread; one
 * that fails, or is not there within {@code RelayLimits.handshakeTime}, denies.
 */
@FunctionalInterface
public interface AccessControl {
  CompletionStage<AccessDecision> onConnect(AccessRequest request);

  /**
   * A connection that was allowed has ended. Called exactly once for each, also if the connection
   * had ended before the decision came. On an event loop: must not block.
   */
  default void onDisconnect(NodeId node, long connection) {}

  /**
   * Allows what this and then {@code next} allow. The first denial decides, and {@code next} is not
   * asked after one. If {@code next} denies, this hears at once that the connection has ended.
   */
  default AccessControl and(AccessControl next) {
    return new Both(this, next);
  }

  /** Allows everybody who can prove a node id. */
  static AccessControl everyone() {
    return FixedAccess.EVERYONE;
  }

  /** Allows these nodes only. The collection is copied. */
  static AccessControl allowList(Collection<NodeId> nodes) {
    return FixedAccess.allowList(nodes);
  }

  /** Allows all but these nodes. The collection is copied. */
  static AccessControl denyList(Collection<NodeId> nodes) {
    return FixedAccess.denyList(nodes);
  }

  /**
   * Allows who sends one of these tokens. Compared in a time that does not depend on how much of a
   * token is right or which one it is. The collection is copied.
   *
   * @throws IllegalArgumentException if there is none, or one is empty
   */
  static AccessControl sharedTokens(Collection<String> tokens) {
    return new SharedTokens(tokens);
  }

  /**
   * Asks a web service, with the limits of {@link HttpAccess}.
   *
   * @param bearerToken what the relay shows the service, null for nothing
   * @throws IllegalArgumentException if {@code url} is not an absolute http or https URL
   */
  static AccessControl http(URI url, @Nullable String bearerToken) {
    return HttpAccess.builder(url).bearerToken(bearerToken).build();
  }
}
