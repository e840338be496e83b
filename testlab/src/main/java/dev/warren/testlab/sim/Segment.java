package dev.warren.testlab.sim;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Addresses that reach each other: the internet, or what is behind a NAT. */
final class Segment {
  /** Something with an address. */
  interface Attached {
    void arrive(Packet packet);
  }

  private record Place(Attached attached, SimLink link) {}

  private final SimNetwork network;
  private final @Nullable SimNat gateway;
  private final Map<InetAddress, Place> places = new HashMap<>();

  Segment(SimNetwork network, @Nullable SimNat gateway) {
    this.network = network;
    this.gateway = gateway;
  }

  SimNetwork network() {
    return network;
  }

  void attach(InetAddress address, Attached attached, SimLink link) {
    if (places.putIfAbsent(address, new Place(attached, link)) != null) {
      throw new IllegalArgumentException(address + " is there already");
    }
  }

  void detach(InetAddress address) {
    places.remove(address);
  }

  void relink(InetAddress address, SimLink link) {
    places.computeIfPresent(address, (a, place) -> new Place(place.attached, link));
  }

  /** {@code via}: whose link the packet leaves by; the far one's is passed on arrival. */
  void send(InetAddress via, Packet packet) {
    Place from = places.get(via);
    if (from == null) {
      network.drop(); // unplugged
      return;
    }
    cross(from.link, packet, () -> route(packet));
  }

  private void route(Packet packet) {
    Place to = places.get(packet.to().getAddress());
    if (to != null) {
      cross(to.link, packet, () -> arrive(packet));
    } else if (gateway != null) {
      gateway.outbound(packet);
    } else {
      network.drop(); // no such address
    }
  }

  private void arrive(Packet packet) {
    Place to = places.get(packet.to().getAddress());
    if (to == null) {
      network.drop();
    } else {
      to.attached.arrive(packet);
    }
  }

  private void cross(SimLink link, Packet packet, Runnable then) {
    if (packet.payload().length > link.mtu() || network.random().nextDouble() < link.loss()) {
      network.drop();
      return;
    }
    long jitter = link.jitter().toNanos();
    network.after(
        link.delay().toNanos() + (jitter == 0 ? 0 : network.random().nextLong(jitter)), then);
  }

  /** From the gateway to those behind it. */
  void deliver(Packet packet) {
    Place to = places.get(packet.to().getAddress());
    if (to == null) {
      network.drop();
    } else {
      cross(to.link, packet, () -> arrive(packet));
    }
  }
}
