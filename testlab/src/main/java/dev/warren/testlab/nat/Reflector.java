package dev.warren.testlab.nat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells who writes to it from which address, from four sockets: two addresses with two ports each,
 * which is what RFC 5780 asks of a server that NATs are classified by. The first byte of a request
 * says which socket answers: 0 the one asked, 1 that of the other port, 2 that of the other address
 * and port.
 */
public final class Reflector {
  static final int FIRST_PORT = 3478;
  static final int SECOND_PORT = 3479;

  private Reflector() {}

  /** Two addresses to bind. Runs until it is ended. */
  public static void main(String[] addresses) throws IOException {
    List<DatagramChannel> sockets = new ArrayList<>();
    Selector selector = Selector.open();
    for (String address : addresses) {
      for (int port : new int[] {FIRST_PORT, SECOND_PORT}) {
        DatagramChannel socket = DatagramChannel.open().bind(new InetSocketAddress(address, port));
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ, sockets.size());
        sockets.add(socket);
      }
    }
    System.out.println("ready");
    ByteBuffer buffer = ByteBuffer.allocate(64);
    while (true) {
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        int asked = (int) key.attachment();
        buffer.clear();
        InetSocketAddress from = (InetSocketAddress) sockets.get(asked).receive(buffer);
        if (from != null && buffer.position() > 0) {
          int answering = asked ^ new int[] {0, 1, 3}[Math.min(2, Math.max(0, buffer.get(0)))];
          String text = from.getAddress().getHostAddress() + ":" + from.getPort();
          sockets
              .get(answering)
              .send(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), from);
        }
      }
      selector.selectedKeys().clear();
    }
  }
}
