package dev.warren.relay.server.config;

import dev.warren.base.NodeId;
import dev.warren.relay.server.access.AccessControl;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who may use a relay, as its configuration says it. Shows no secret. Immutable. */
public sealed interface AccessSettings {
  /** What a relay is built with. */
  AccessControl control();

  /** Whether a node may not be connected, as far as its id alone says. */
  default boolean excludes(NodeId node) {
    return false;
  }

  /** Everybody who can prove a node id. */
  record Everyone() implements AccessSettings {
    @Override
    public AccessControl control() {
      return AccessControl.everyone();
    }

    @Override
    public String toString() {
      return "everyone";
    }
  }

  /** These nodes only. */
  record AllowList(Set<NodeId> nodes) implements AccessSettings {
    @Override
    public AccessControl control() {
      return AccessControl.allowList(nodes);
    }

    @Override
    public boolean excludes(NodeId node) {
      return !nodes.contains(node);
    }

    @Override
    public String toString() {
      return "allow list of " + nodes.size();
    }
  }

  /** All but these nodes. */
  record DenyList(Set<NodeId> nodes) implements AccessSettings {
    @Override
    public AccessControl control() {
      return AccessControl.denyList(nodes);
    }

    @Override
    public boolean excludes(NodeId node) {
      return nodes.contains(node);
    }

    @Override
    public String toString() {
      return "everyone but a deny list of " + nodes.size();
    }
  }

  /** Whom a web service allows. */
  record Http(URI url, Optional<String> bearerToken) implements AccessSettings {
    @Override
    public AccessControl control() {
      return AccessControl.http(url, bearerToken.orElse(null));
    }

    @Override
    public String toString() {
      String who = url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
      return "whom " + url.getScheme() + "://" + who + " allows";
    }
  }

  /** Who sends one of these tokens. */
  record SharedTokens(List<String> tokens) implements AccessSettings {
    @Override
    public AccessControl control() {
      return AccessControl.sharedTokens(tokens);
    }

    @Override
    public String toString() {
      return "shared tokens: " + tokens.size();
    }
  }
}
