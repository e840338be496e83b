package dev.warren.testlab.nat;

import static dev.warren.testlab.nat.Reflector.FIRST_PORT;
import static dev.warren.testlab.nat.Reflector.SECOND_PORT;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Says what kind of NAT it is behind, as RFC 5780 does: the laboratory's proof of itself, which
 * therefore has nothing of Warren's in it. Arguments: the two addresses of a {@link Reflector}, and
 * the port to bind.
 */
public final class NatClassifier {
  /** Of one request; there are three tries. */
  private static final int TIMEOUT_MILLIS = 400;

  private NatClassifier() {}

  public static void main(String[] args) throws IOException {
    String one = args[0];
    String two = args[1];
    try (DatagramSocket socket = new DatagramSocket(Integer.parseInt(args[2]))) {
      String first = ask(socket, one, FIRST_PORT, 0);
      if (first == null) {
        System.out.println("result udp blocked");
        return;
      }
      String otherAddress = ask(socket, two, FIRST_PORT, 0);
      String otherBoth = ask(socket, two, SECOND_PORT, 0);
      String again = ask(socket, one, SECOND_PORT, 0);
      String mapping =
          first.equals(otherAddress) && first.equals(otherBoth) && first.equals(again)
              ? "EIM"
              : first.equals(again) && String.valueOf(otherAddress).equals(otherBoth)
                  ? "ADM"
                  : "APDM";
      System.out.println(
          "result mapping %s filtering %s kept %s hairpin %s outside %s"
              .formatted(
                  mapping,
                  filtering(one),
                  first.endsWith(":" + args[2]),
                  hairpin(socket, first),
                  first));
    }
  }

  /** A fresh socket: the other has opened these filters already. */
  private static String filtering(String one) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      ask(socket, one, FIRST_PORT, 0);
      if (ask(socket, one, FIRST_PORT, 2) != null) {
        return "EIF";
      }
      return ask(socket, one, FIRST_PORT, 1) != null ? "ADF" : "APDF";
    }
  }

  private static boolean hairpin(DatagramSocket socket, String outside) throws IOException {
    int colon = outside.lastIndexOf(':');
    InetSocketAddress address =
        new InetSocketAddress(
            outside.substring(0, colon), Integer.parseInt(outside.substring(colon + 1)));
    try (DatagramSocket second = new DatagramSocket()) {
      byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 3; i++) {
        second.send(new DatagramPacket(hello, hello.length, address));
        String got = receive(socket);
        if ("hello".equals(got)) {
          return true;
        }
      }
      return false;
    }
  }

  private static @Nullable String ask(DatagramSocket socket, String server, int port, int how)
      throws IOException {
    byte[] request = {(byte) how, 0, 0, 0};
    for (int i = 0; i < 3; i++) {
      socket.send(new DatagramPacket(request, request.length, new InetSocketAddress(server, port)));
      String answer = receive(socket);
      if (answer != null) {
        return answer;
      }
    }
    return null;
  }

  private static @Nullable String receive(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[64], 64);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    try {
      socket.receive(packet);
      return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
    } catch (SocketTimeoutException none) {
      return null;
    }
  }
}
