package dev.warren.discovery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** An HTTP server on loopback that writes what a test wants. */
public final class FakeHttp implements AutoCloseable {
  /** A request: its first line, its whole head, its body. */
  public record Request(String line, String head, byte[] body) {}

  /** Writes the answer, or whatever, or nothing; the connection is closed afterwards. */
  public interface Script {
    void answer(Request request, OutputStream out) throws Exception;
  }

  public final List<Request> requests = new CopyOnWriteArrayList<>();
  private final ServerSocket server;
  private final boolean secure;
  private final Script script;
  private volatile boolean closed;

  public FakeHttp(Script script) throws IOException {
    this(script, null);
  }

  public FakeHttp(Script script, @Nullable SSLContext tls) throws IOException {
    this.script = script;
    this.secure = tls != null;
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    this.server =
        tls == null
            ? new ServerSocket(0, 50, loopback)
            : tls.getServerSocketFactory().createServerSocket(0, 50, loopback);
    start(this::serve);
  }

  /** An answer with a body. */
  public static byte[] answer(int status, byte[] body) {
    byte[] head =
        ("HTTP/1.1 " + status + " Status\r\nContent-Length: " + body.length + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }

  public URI url(String path) {
    return URI.create((secure ? "https" : "http") + "://127.0.0.1:" + port() + path);
  }

  public int port() {
    return server.getLocalPort();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-http");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    while (!closed) {
      try {
        Socket client = server.accept();
        start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
        int b = in.read();
        if (b < 0) {
          return;
        }
        head.write(b);
      }
      String text = head.toString(StandardCharsets.US_ASCII);
      Request request = new Request(text.split("\r\n")[0], text, in.readNBytes(length(text)));
      requests.add(request);
      script.answer(request, client.getOutputStream());
      client.getOutputStream().flush();
    } catch (Exception e) {
      // The client went away.
    }
  }

  private static int length(String head) {
    for (String line : head.split("\r\n")) {
      if (line.startsWith("Content-Length: ")) {
        return Integer.parseInt(line.substring(16));
      }
    }
    return 0;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    server.close();
  }
}
