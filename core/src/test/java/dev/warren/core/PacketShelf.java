package dev.warren.core;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.base.NodeId;
import dev.warren.base.SocketAddrs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The least pkarr relay there can be: keeps whatever is put, and gives it back. On loopback. */
final class PacketShelf implements AutoCloseable {
  private final ServerSocket listening = new ServerSocket();
  private final Map<String, byte[]> packets = new ConcurrentHashMap<>();

  PacketShelf() throws IOException {
    listening.bind(SocketAddrs.parse("127.0.0.1:0"));
    Thread thread = new Thread(this::serve, "packet-shelf");
    thread.setDaemon(true);
    thread.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort() + "/pkarr");
  }

  boolean has(NodeId id) {
    return packets.containsKey("/pkarr/" + id.toZ32());
  }

  private void serve() {
    while (!listening.isClosed()) {
      try (Socket client = listening.accept()) {
        client.setSoTimeout(2000);
        answer(client.getInputStream(), client.getOutputStream());
      } catch (SocketTimeoutException silent) {
        continue;
      } catch (IOException clientOrShelfIsGone) {
        continue;
      }
    }
  }

  private void answer(InputStream in, OutputStream out) throws IOException {
    String head = head(in);
    String[] request = head.split(" ", 3);
    if (request[0].equals("PUT")) {
      String lower = head.toLowerCase(Locale.ROOT);
      int at = lower.indexOf("content-length:") + 15;
      int length = Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)).strip());
      packets.put(request[1], in.readNBytes(length));
      out.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
      return;
    }
    byte[] packet = packets.getOrDefault(request[1], new byte[0]);
    String status = packet.length == 0 ? "404 Not Found" : "200 OK";
    String answer =
        "HTTP/1.1 " + status + "\r\nContent-Length: " + packet.length + "\r\nConnection: close\r\n";
    out.write((answer + "\r\n").getBytes(US_ASCII));
    out.write(packet);
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(US_ASCII).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0 || head.size() > 16_384) {
        throw new IOException("not a request");
      }
      head.write(next);
    }
    return head.toString(US_ASCII);
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
