package dev.warren.magicsock;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.magicsock.wire.DiscoMessage;
import dev.warren.magicsock.wire.DiscoPacket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A peer made by hand, which says what a well-behaved one would not. */
final class RawPeer implements AutoCloseable {
  final SecretKey key = SecretKey.generate();
  private final SecureRandom random = new SecureRandom();
  private final DatagramSocket socket;
  private final InetSocketAddress to;
  private final byte[] box;

  RawPeer(MagicSocket remote) throws IOException {
    to = remote.boundSockets().get(0);
    box = DiscoPacket.boxKey(key.toX25519(), remote.id().toX25519());
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  }

  NodeId id() {
    return key.nodeId();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  byte[] seal(DiscoMessage message) {
    byte[] nonce = new byte[DiscoPacket.NONCE];
    random.nextBytes(nonce);
    return DiscoPacket.seal(key.nodeId().toBytes(), box, message.encode(), nonce);
  }

  byte[] ping(int n) {
    byte[] tx = new byte[DiscoMessage.TX];
    tx[0] = (byte) n;
    return seal(new DiscoMessage.Ping(tx, key.nodeId().toBytes(), 160));
  }

  void send(byte[] packet) throws IOException {
    socket.send(new DatagramPacket(packet, packet.length, to));
  }

  void sendUnchecked(byte[] packet) {
    try {
      send(packet);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void sendQuic(int size) throws IOException {
    byte[] datagram = new byte[size];
    datagram[0] = (byte) 0xc3;
    send(datagram);
  }

  /** The next disco message within a time; null if none comes. */
  @Nullable DiscoMessage receive(int millis) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    socket.setSoTimeout(millis);
    try {
      socket.receive(packet);
    } catch (SocketTimeoutException none) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
    return DiscoMessage.decode(DiscoPacket.open(box, bytes));
  }

  /** Pings, and answers the Ping that comes back: the address is proved then. */
  void proveAddress() throws Exception {
    send(ping(77));
    for (int i = 0; i < 10; i++) {
      if (receive(2000) instanceof DiscoMessage.Ping asked) {
        send(seal(new DiscoMessage.Pong(asked.tx(), Optional.of(to), Optional.empty())));
        return;
      }
    }
    throw new AssertionError("no Ping came back");
  }

  @Override
  public void close() {
    socket.close();
  }
}
