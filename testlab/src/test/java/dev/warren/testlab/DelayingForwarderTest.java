package dev.warren.testlab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DelayingForwarderTest {
  private static void echo(ServerSocket server) {
    Thread thread =
        new Thread(
            () -> {
              try (Socket socket = server.accept()) {
                socket.getInputStream().transferTo(socket.getOutputStream());
              } catch (IOException end) {
                // The test is over.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  @Test
  void bytesArriveTheDelayLaterEachWay() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DelayingForwarder far =
            new DelayingForwarder(
                (InetSocketAddress) server.getLocalSocketAddress(), Duration.ofMillis(40));
        Socket client = new Socket("127.0.0.1", far.address().getPort())) {
      echo(server);
      long sent = System.nanoTime();
      client.getOutputStream().write(new byte[] {1, 2, 3});
      assertArrayEquals(new byte[] {1, 2, 3}, client.getInputStream().readNBytes(3));
      assertTrue(System.nanoTime() - sent >= Duration.ofMillis(80).toNanos());
    }
  }

  @Test
  void whatIsDownEndsConnectionsOldAndNew() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DelayingForwarder far =
            new DelayingForwarder(
                (InetSocketAddress) server.getLocalSocketAddress(), Duration.ZERO);
        Socket old = new Socket("127.0.0.1", far.address().getPort())) {
      echo(server);
      old.getOutputStream().write(1);
      assertEquals(1, old.getInputStream().read());
      far.down();
      assertTrue(ended(old));
      try (Socket fresh = new Socket("127.0.0.1", far.address().getPort())) {
        assertTrue(ended(fresh));
      }
    }
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException reset) {
      return true;
    }
  }
}
