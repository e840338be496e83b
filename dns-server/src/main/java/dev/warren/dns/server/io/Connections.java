package dev.warren.dns.server.io;

import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.serving.logic.AddressGroup;
import dev.warren.serving.logic.HalfOpen;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * All TCP connections, the one that was silent the longest first. Nobody is refused for what others
 * do: when there are too many, the silent go, first among those of the same address. Any thread.
 */
final class Connections {
  private static final AttributeKey<AddressGroup> COUNTED =
      AttributeKey.valueOf(Connections.class, "counted");

  private final ReentrantLock lock = new ReentrantLock();
  private final HalfOpen<Channel> order = new HalfOpen<>();
  private final DnsLimits limits;
  private final DnsCounters counters;

  Connections(DnsLimits limits, DnsCounters counters) {
    this.limits = limits;
    this.counters = counters;
  }

  /**
   * A connection was accepted.
   *
   * @param counted whose it is; null for a trusted proxy, which speaks for many
   */
  void add(Channel channel, @Nullable InetAddress counted) {
    counters.connections.increment();
    AddressGroup group = counted == null ? null : AddressGroup.of(counted);
    channel.attr(COUNTED).set(group);
    Channel surplus;
    lock.lock();
    try {
      order.add(channel, group);
      surplus = group == null ? null : order.surplus(group, limits.connectionsPerAddress());
      surplus = surplus == null ? order.surplus(limits.connections()) : surplus;
    } finally {
      lock.unlock();
    }
    channel.closeFuture().addListener(closed -> remove(channel, group));
    if (surplus != null) {
      cut(surplus);
    }
  }

  private void remove(Channel channel, @Nullable AddressGroup group) {
    lock.lock();
    try {
      order.remove(channel, group);
    } finally {
      lock.unlock();
    }
  }

  /** A request came whole: the connection is the last to be cut now. */
  void active(Channel channel) {
    AddressGroup group = channel.attr(COUNTED).get();
    lock.lock();
    try {
      if (channel.isActive()) {
        order.remove(channel, group);
        order.add(channel, group);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Cuts the most silent, at most so many: the process can take no further connection. */
  int shed(int most) {
    List<Channel> oldest;
    lock.lock();
    try {
      oldest = order.first(most);
    } finally {
      lock.unlock();
    }
    oldest.forEach(this::cut);
    return oldest.size();
  }

  private void cut(Channel channel) {
    counters.connectionsCut.increment();
    channel.close();
  }

  int size() {
    lock.lock();
    try {
      return order.size();
    } finally {
      lock.unlock();
    }
  }
}
