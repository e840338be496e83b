package dev.warren.relay.client.logic;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** The order in which addresses are tried. Stateless. */
public final class AddressOrder {
  /**
   * Addresses of one host that are tried: more than any relay has, few enough that a name server's
   * answer cannot make us dial the world. Our choice.
   */
  public static final int MAX = 16;

  private AddressOrder() {}

  /**
   * Both families in turn (RFC 8305 section 4), beginning with the family that the resolver put
   * first, in the resolver's order within each; {@code skip} moves the first to the end so often:
   * an address that takes connections but leads to no relay must not be the first for ever.
   */
  public static List<InetAddress> interleaved(List<InetAddress> found, int skip) {
    if (found.isEmpty()) {
      return List.of();
    }
    boolean six = found.get(0) instanceof Inet6Address;
    Queue<InetAddress> first = new ArrayDeque<>();
    Queue<InetAddress> second = new ArrayDeque<>();
    for (InetAddress address : found) {
      (address instanceof Inet6Address == six ? first : second).add(address);
    }
    List<InetAddress> order = new ArrayList<>();
    while (order.size() < MAX && !(first.isEmpty() && second.isEmpty())) {
      if (!first.isEmpty()) {
        order.add(first.remove());
      }
      if (!second.isEmpty() && order.size() < MAX) {
        order.add(second.remove());
      }
    }
    int from = Math.floorMod(skip, order.size());
    List<InetAddress> turned = new ArrayList<>(order.subList(from, order.size()));
    turned.addAll(order.subList(0, from));
    return turned;
  }
}
