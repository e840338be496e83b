package dev.warren.testlab.sim;

import java.net.InetSocketAddress;
import java.util.function.BiConsumer;

/** A UDP socket of a host. */
public final class SimSocket implements AutoCloseable {
  private final SimHost host;
  private final InetSocketAddress address;
  private BiConsumer<InetSocketAddress, byte[]> receiver = (from, payload) -> {};
  private long sent;
  private long received;

  SimSocket(SimHost host, InetSocketAddress address) {
    this.host = host;
    this.address = address;
  }

  public InetSocketAddress address() {
    return address;
  }

  public void send(InetSocketAddress to, byte[] payload) {
    sent++;
    host.send(new Packet(address, to, payload.clone()));
  }

  /** Hears of each datagram: where it came from, as it looks here, and what is in it. */
  public void onReceive(BiConsumer<InetSocketAddress, byte[]> listener) {
    receiver = listener;
  }

  public long sent() {
    return sent;
  }

  public long received() {
    return received;
  }

  void arrive(Packet packet) {
    received++;
    receiver.accept(packet.from(), packet.payload());
  }

  @Override
  public void close() {
    host.closed(this);
  }
}
