package dev.warren.testlab.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/** A host with one address. */
public final class SimHost {
  private static final int FIRST_EPHEMERAL = 40_000;

  private final Segment segment;
  private final InetAddress address;
  private final Map<Integer, SimSocket> sockets = new HashMap<>();

  SimHost(Segment segment, String address, SimLink link) {
    this.segment = segment;
    this.address = new InetSocketAddress(address, 0).getAddress();
    segment.attach(this.address, this::arrive, link);
  }

  /** Binds a socket; port 0 takes a free one. */
  public SimSocket bind(int port) {
    int chosen = port;
    for (int free = FIRST_EPHEMERAL; chosen == 0; free++) {
      chosen = sockets.containsKey(free) ? 0 : free;
    }
    SimSocket socket = new SimSocket(this, new InetSocketAddress(address, chosen));
    if (sockets.putIfAbsent(chosen, socket) != null) {
      throw new IllegalArgumentException("port " + chosen + " is taken");
    }
    return socket;
  }

  public InetAddress address() {
    return address;
  }

  /** Its cable is another from now on. */
  public void link(SimLink link) {
    segment.relink(address, link);
  }

  /** Pulls its cable: nothing goes out nor comes in. */
  public void unplug() {
    segment.detach(address);
  }

  public void plug(SimLink link) {
    segment.attach(address, this::arrive, link);
  }

  private void arrive(Packet packet) {
    SimSocket socket = sockets.get(packet.to().getPort());
    if (socket == null) {
      segment.network().drop();
    } else {
      socket.arrive(packet);
    }
  }

  void send(Packet packet) {
    segment.send(address, packet);
  }

  void closed(SimSocket socket) {
    sockets.remove(socket.address().getPort());
  }
}
