package dev.warren.relay.server.operation;

import dev.warren.base.EndpointBindException;
import dev.warren.serving.pages.Page;
import dev.warren.serving.pages.PageServer;
import dev.warren.serving.wire.HttpRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;

/**
 * A page for people at {@code /}: clients, throughput of the last five minutes as a chart, refusals
 * by reason; its numbers at {@code /status.json}. It shows addresses of clients and asks for no
 * password: bind it to loopback, and look at it through a tunnel. Any thread.
 */
public final class StatusPage implements AutoCloseable {
  private static final String HTML = resource("status.html");

  private final PageServer server;
  private final StatusFeed feed;
  private final boolean loopback;
  private final String headers;

  /**
   * Binds; port 0 takes a free one.
   *
   * @throws EndpointBindException if the address cannot be had
   */
  public StatusPage(InetSocketAddress address, StatusSource source) throws EndpointBindException {
    feed = new StatusFeed(source, Instant.now());
    loopback = address.getAddress().isLoopbackAddress();
    headers = contentSecurity();
    server = new PageServer("status", address, this::page);
    server.everySecond(() -> feed.sample(System.nanoTime()));
  }

  private Page page(HttpRequest request) {
    String host = request.header("host").orElse("");
    if (loopback && !isLocal(host)) {
      // Else a page anywhere could have its name point here, and read this one in our browser.
      return Page.refused("403 Forbidden", "ask for this page by its address or as localhost");
    }
    return switch (request.path()) {
      case "/" -> Page.ok("text/html; charset=utf-8", headers, HTML);
      case "/status.json" -> Page.ok("application/json", feed.json(Instant.now()));
      default -> Page.refused("404 Not Found", "there are / and /status.json");
    };
  }

  private static boolean isLocal(String host) {
    String name = host.replaceFirst(":\\d*$", "");
    return name.isEmpty() || name.equals("localhost") || name.matches("[0-9.]+|\\[[0-9a-fA-F:.]+]");
  }

  /** The one script of the page may run, and may ask where the page came from: nothing else. */
  private static String contentSecurity() {
    int start = HTML.indexOf("<script>") + "<script>".length();
    String script = HTML.substring(start, HTML.indexOf("</script>"));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline';"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " script-src 'sha256-"
          + Base64.getEncoder().encodeToString(hash)
          + "'\r\nReferrer-Policy: no-referrer\r\n";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every Java platform has it.
    }
  }

  private static String resource(String name) {
    try (InputStream in = StatusPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new AssertionError(name + " is not beside its class");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public InetSocketAddress address() {
    return server.address();
  }

  /** Within a second. Idempotent. */
  @Override
  public void close() {
    server.close();
  }
}
