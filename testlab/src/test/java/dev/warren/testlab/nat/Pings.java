package dev.warren.testlab.nat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/** Round trips to a {@link Reflector}: prints their median in milliseconds, or "none". */
final class Pings {
  private Pings() {}

  public static void main(String[] args) throws Exception {
    double[] millis = new double[Integer.parseInt(args[1])];
    int answered = 0;
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(500);
      for (int i = 0; i < millis.length; i++) {
        long begun = System.nanoTime();
        socket.send(new DatagramPacket(new byte[4], 4, new InetSocketAddress(args[0], 3478)));
        try {
          socket.receive(new DatagramPacket(new byte[64], 64));
          millis[answered++] = (System.nanoTime() - begun) / 1e6;
        } catch (SocketTimeoutException lost) {
          // Counted by its absence.
        }
      }
    }
    Arrays.sort(millis, 0, answered);
    System.out.println(
        answered == 0 ? "result none" : "result " + millis[answered / 2] + " " + answered);
  }
}
