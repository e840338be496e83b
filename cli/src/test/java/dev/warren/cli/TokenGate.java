package dev.warren.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A relay that lets only those in who bring a token: refuses the others in the words of the
 * protocol, and hands the rest to a relay behind it. Its threads end with it.
 */
final class TokenGate implements AutoCloseable {
  /** Frame 3 with "not authorized", in one WebSocket message. */
  private static final String REFUSAL = "\u0082\u0010\u0003\u000enot authorized";

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final InetSocketAddress relay;
  private final String token;
  final AtomicInteger refused = new AtomicInteger();

  TokenGate(InetSocketAddress relay, String token) throws IOException {
    this.relay = relay;
    this.token = token;
    daemon(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort() + "/";
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception ended) {
                // With one of its sockets.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    for (; ; ) {
      Socket client = listener.accept();
      daemon(() -> judge(client));
    }
  }

  private void judge(Socket client) throws Exception {
    try (client) {
      String head = head(client.getInputStream());
      if (head.toLowerCase(Locale.ROOT).contains("\r\nauthorization: bearer " + token + "\r\n")) {
        try (Socket behind = new Socket()) {
          behind.connect(relay, 5000);
          behind.getOutputStream().write(head.getBytes(ISO_8859_1));
          daemon(() -> copy(behind, client));
          copy(client, behind);
        }
      } else {
        refused.incrementAndGet();
        OutputStream out = client.getOutputStream();
        out.write((switching(head) + REFUSAL).getBytes(ISO_8859_1));
        client.shutdownOutput();
        client.getInputStream().readAllBytes();
      }
    }
  }

  private static void copy(Socket from, Socket to) throws IOException {
    try (to) {
      from.getInputStream().transferTo(to.getOutputStream());
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0 || head.size() > 16_384) {
        throw new IOException("no request");
      }
      head.write(b);
    }
    return head.toString(ISO_8859_1);
  }

  private static String switching(String head) throws GeneralSecurityException {
    int at = head.toLowerCase(Locale.ROOT).indexOf("sec-websocket-key: ") + 19;
    String key = head.substring(at, head.indexOf("\r\n", at));
    byte[] sha1 =
        MessageDigest.getInstance("SHA-1")
            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
    return "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: "
        + Base64.getEncoder().encodeToString(sha1)
        + "\r\nsec-websocket-protocol: iroh-relay-v2\r\n\r\n";
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
