package dev.warren.relay.server.operation;

import dev.warren.base.NodeId;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import dev.warren.serving.logic.LineRate;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each client that comes, is refused, or leaves; at most {@value #A_SECOND} a
 * second, as whoever connects in a loop must not fill a disk. What is left out is counted in the
 * next line. The rule behind it can be replaced. Any thread.
 */
public final class LoggedAccess implements AccessControl {
  /** More than a person reads, less than a disk notices. */
  static final int A_SECOND = 100;

  private static final Logger LOG = LoggerFactory.getLogger("dev.warren.relay.server.clients");

  private final LineRate rate = new LineRate(A_SECOND, System.nanoTime());
  private volatile AccessControl rule;

  public LoggedAccess(AccessControl rule) {
    this.rule = rule;
  }

  /** From now on another rule decides; who is connected is not asked again. */
  public void rule(AccessControl next) {
    rule = next;
  }

  @Override
  public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
    return rule.onConnect(request)
        .whenComplete((decision, failure) -> decided(request, decision, failure));
  }

  private void decided(
      AccessRequest request, @Nullable AccessDecision decision, @Nullable Throwable failure) {
    boolean in = decision instanceof AccessDecision.Allow;
    String reason =
        decision instanceof AccessDecision.Deny deny
            ? deny.reason()
            : failure == null ? "" : String.valueOf(failure.getMessage());
    if (rate.mayWrite(System.nanoTime())) {
      LOG.atInfo()
          .addKeyValue("event", in ? "client" : "refused")
          .addKeyValue("node", request.node())
          .addKeyValue("connection", request.connection())
          .addKeyValue("remote", SocketAddrs.toString(request.remote()))
          .addKeyValue("dialect", request.protocol())
          .addKeyValue("leftOut", rate.takeLeftOut())
          .log(in ? "client is let in" : "client is refused: " + reason);
    }
  }

  @Override
  public void onDisconnect(NodeId node, long connection) {
    rule.onDisconnect(node, connection);
    if (rate.mayWrite(System.nanoTime())) {
      LOG.atInfo()
          .addKeyValue("event", "gone")
          .addKeyValue("node", node)
          .addKeyValue("connection", connection)
          .addKeyValue("leftOut", rate.takeLeftOut())
          .log("client has left");
    }
  }
}
