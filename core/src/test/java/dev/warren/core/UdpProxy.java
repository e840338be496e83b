package dev.warren.core;

import dev.warren.base.SocketAddrs;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between one client and one server on loopback, writes down what the client sends, and can
 * send it again or be deaf.
 */
final class UdpProxy implements AutoCloseable {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");

  private final DatagramSocket front = new DatagramSocket(LOOPBACK);
  private final DatagramSocket back = new DatagramSocket(LOOPBACK);
  private final List<byte[]> fromClient = new CopyOnWriteArrayList<>();
  private volatile InetSocketAddress server;
  private volatile InetSocketAddress client;
  private volatile boolean deaf;
  private volatile boolean losing;
  private volatile boolean losingHandshake;
  private volatile boolean answered;
  private volatile boolean holding;
  private final List<byte[]> held = new CopyOnWriteArrayList<>();

  UdpProxy(InetSocketAddress server) throws SocketException {
    this.server = server;
    start(front, true);
    start(back, false);
  }

  private void start(DatagramSocket socket, boolean fromTheClient) {
    Thread thread = new Thread(() -> pump(socket, fromTheClient), "udp-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void pump(DatagramSocket socket, boolean fromTheClient) {
    byte[] buffer = new byte[65536];
    try {
      for (; ; ) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] data = java.util.Arrays.copyOf(packet.getData(), packet.getLength());
        if (fromTheClient) {
          client = (InetSocketAddress) packet.getSocketAddress();
          fromClient.add(data);
          if (!deaf && !losing && !(answered && losingHandshake && (data[0] & 0x80) != 0)) {
            back.send(new DatagramPacket(data, data.length, server));
          }
        } else if (holding) {
          held.add(data);

        } else if (!deaf && client != null) {
          answered |= (data[0] & 0x80) != 0;
          front.send(new DatagramPacket(data, data.length, client));
        }
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  InetSocketAddress address() {
    return (InetSocketAddress) front.getLocalSocketAddress();
  }

  /** Everything goes to this server from now on. */
  void redirect(InetSocketAddress other) {
    server = other;
  }

  /** Nothing passes any more, in either direction; it is still written down. */
  void deaf() {
    deaf = true;
  }

  /** Whether what the client sends is lost from now on. */
  void losing(boolean lost) {
    losing = lost;
  }

  /** What the client says of its handshake is lost once the server has answered. */
  void losingHandshake() {
    losingHandshake = true;
  }

  /** The server's answers wait from now on. */
  void hold() {
    holding = true;
  }

  /** Lets them pass. */
  void release() throws IOException {
    holding = false;
    for (byte[] data : held) {
      front.send(new DatagramPacket(data, data.length, client));
    }
    held.clear();
  }

  /** What the client has sent since the last call. */
  List<byte[]> takeRecorded() {
    List<byte[]> all = List.copyOf(fromClient);
    fromClient.clear();
    return all;
  }

  /** Sends it to the server from the address that the client's datagrams come from there. */
  void replay(List<byte[]> datagrams) throws IOException {
    for (byte[] data : datagrams) {
      back.send(new DatagramPacket(data, data.length, server));
    }
  }

  @Override
  public void close() {
    front.close();
    back.close();
  }
}
