package dev.warren.discovery.pkarr;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A proxy on loopback that opens tunnels to one port, whatever it is asked for. */
final class TunnelProxy implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
  private final int target;

  TunnelProxy(int target) throws IOException {
    this.target = target;
    start(this::serve);
  }

  int port() {
    return server.getLocalPort();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "tunnel-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        start(() -> tunnel(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void tunnel(Socket client) {
    try (client;
        Socket there = new Socket(InetAddress.getByName("127.0.0.1"), target)) {
      InputStream in = client.getInputStream();
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        head.append((char) in.read());
      }
      client
          .getOutputStream()
          .write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      start(() -> copy(in, there));
      there.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // One of both went away.
    }
  }

  private static void copy(InputStream in, Socket there) {
    try {
      OutputStream out = there.getOutputStream();
      in.transferTo(out);
    } catch (IOException e) {
      // One of both went away.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
