package dev.warren.discovery;

import dev.warren.base.NodeId;
import java.io.IOException;
import java.util.List;

/**
 * No service knew where a node is. The message says what each answered; the causes of those that
 * failed are its suppressed exceptions.
 */
public final class LookupException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient NodeId id;
  private final transient List<LookupOutcome> outcomes;

  LookupException(NodeId id, List<LookupOutcome> outcomes) {
    super(message(id, outcomes));
    this.id = id;
    this.outcomes = List.copyOf(outcomes);
    outcomes.forEach(o -> o.cause().ifPresent(this::addSuppressed));
  }

  private static String message(NodeId id, List<LookupOutcome> outcomes) {
    return outcomes.isEmpty()
        ? "no discovery service is configured"
        : "no address of " + id.toShortString() + " was found: " + LookupOutcome.list(outcomes);
  }

  /** The node that was looked for. */
  public NodeId id() {
    return id;
  }

  /** What each service did; empty if there was none to ask. */
  public List<LookupOutcome> outcomes() {
    return outcomes;
  }
}
