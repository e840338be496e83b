package dev.warren.discovery;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What a service gets from its endpoint.
 *
 * @param secretKey the endpoint's key, to sign what is published
 * @param boundSockets the endpoint's UDP sockets; empty if it uses none
 * @param executor runs what may block, in any order and at the same time; never rejects
 * @param timers one thread for timers, shared by the endpoint's services: nothing may block on it;
 *     tasks of a closed service must be cancelled
 */
public record DiscoveryContext(
    SecretKey secretKey,
    List<InetSocketAddress> boundSockets,
    Executor executor,
    ScheduledExecutorService timers) {

  public DiscoveryContext {
    boundSockets = List.copyOf(boundSockets);
  }

  public NodeId id() {
    return secretKey.nodeId();
  }

  /**
   * Whether every socket is bound to a loopback address. Such an endpoint can be reached from, and
   * reach, this host alone, so that loopback addresses of others mean something to it; to all
   * others an address of that kind, told by the world, is not worth a packet.
   */
  public boolean loopbackOnly() {
    return !boundSockets.isEmpty()
        && boundSockets.stream().allMatch(a -> a.getAddress().isLoopbackAddress());
  }
}
