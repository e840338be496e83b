package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Comes from an address of loopback, is let in, and hears for whom the relay took it. */
final class Visitor {
  private final BlockingQueue<AccessRequest> seen = new LinkedBlockingQueue<>();

  /** Lets everybody in and remembers them. */
  AccessControl access() {
    return request -> {
      seen.add(request);
      return CompletableFuture.completedFuture(AccessDecision.allow());
    };
  }

  /** The address that access control saw of a client that just came. */
  InetSocketAddress seen() throws InterruptedException {
    AccessRequest request = seen.poll(10, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("nobody came");
    }
    return request.remote();
  }

  boolean nobodyCame() {
    return seen.isEmpty();
  }

  /**
   * Upgrades and authenticates.
   *
   * @param before bytes at the very beginning
   * @param headers further header lines
   * @return the answer's head, if it is no 101
   */
  static String visit(String from, InetSocketAddress relay, byte[] before, String headers)
      throws IOException {
    return visit(RawPeer.connectFrom(from, relay), before, headers);
  }

  /** The same on a connection that is there, which is closed. */
  static String visit(RawPeer connected, byte[] before, String headers) throws IOException {
    try (RawPeer peer = connected) {
      String request = RawPeer.request("iroh-relay-v2, iroh-relay-v1").replaceFirst("\r\n\r\n", "");
      peer.write(before);
      peer.write((request + "\r\n" + headers + "\r\n").getBytes(ISO_8859_1));
      String head = peer.head();
      if (head.startsWith("HTTP/1.1 101 ")) {
        byte[] challenge = peer.receive();
        SecretKey key = SecretKey.generate();
        peer.send(Handshake.clientAuth(key, Arrays.copyOfRange(challenge, 1, challenge.length)));
        if (peer.receive()[0] != 2) {
          throw new IOException("not let in");
        }
      }
      return head;
    }
  }
}
