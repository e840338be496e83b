package dev.warren.dns.server;

import dev.warren.discovery.wire.SignedPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client of HTTP: the JDK's, and a plain socket for what no client would send. */
public final class Http {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final InetSocketAddress server;
  private final HttpClient client;

  public Http(DnsServer server) {
    this(server, HttpClient.Version.HTTP_1_1);
  }

  public Http(DnsServer server, HttpClient.Version version) {
    this.server = server.httpAddress().orElseThrow();
    client = HttpClient.newBuilder().version(version).connectTimeout(LIMIT).build();
  }

  public HttpRequest.Builder to(String target) {
    return HttpRequest.newBuilder(
            URI.create("http://" + server.getHostString() + ":" + server.getPort() + target))
        .timeout(LIMIT);
  }

  public HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  public HttpResponse<byte[]> get(String target, String... headers) throws Exception {
    HttpRequest.Builder request = to(target);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  public HttpResponse<byte[]> put(String key, byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        to("/pkarr/" + key).PUT(HttpRequest.BodyPublishers.ofByteArray(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  public int put(SignedPacket packet) throws Exception {
    return put(packet.nodeId().toZ32(), packet.relayPayload()).statusCode();
  }

  public Socket connect() throws IOException {
    Socket socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout((int) LIMIT.toMillis());
    return socket;
  }

  /** All that is answered to these bytes until the server closes. */
  public String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  public static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }
}
