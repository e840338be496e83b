package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import java.time.Duration;

/** Two endpoints on loopback, and both ends of connections between them. */
final class Pair implements AutoCloseable {
  static final Alpn ALPN = Alpn.of("test/1");
  static final Duration SOON = Duration.ofSeconds(10);

  final Endpoint server;
  final Endpoint client;

  /** Both ends of one connection. */
  record Link(Connection dialler, Connection acceptor) {}

  private Pair(Endpoint server, Endpoint client) {
    this.server = server;
    this.client = client;
  }

  static EndpointBuilder builder() {
    return Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).alpns(ALPN);
  }

  static Pair bind() throws EndpointBindException {
    return bind(builder(), builder());
  }

  static Pair bind(EndpointBuilder server, EndpointBuilder client) throws EndpointBindException {
    Endpoint first = server.bind();
    try {
      return new Pair(first, client.bind());
    } catch (EndpointBindException e) {
      first.close();
      throw e;
    }
  }

  Connection dial() throws Exception {
    return client.connect(server.addr(), ALPN);
  }

  Link link() throws Exception {
    Connection dialler = dial();
    return new Link(dialler, server.accept().orElseThrow().accept());
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
