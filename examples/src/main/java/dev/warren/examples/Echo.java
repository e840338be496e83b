package dev.warren.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.Ticket;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.Router;
import java.io.IOException;

/**
 * The smallest pair of programs: one serves a protocol, the other dials it by its key.
 *
 * <p>Shows {@link Endpoint}, {@link Router} and one bidirectional stream. Without arguments it
 * serves and prints a ticket; with a ticket it says hello to that node.
 */
public final class Echo {
  private static final Alpn ALPN = Alpn.of("warren-example-echo/1");

  private Echo() {}

  public static void main(String[] args) throws Exception {
    try (Endpoint endpoint = Endpoint.builder().bind()) {
      if (args.length > 0) {
        System.out.println(ask(endpoint, Ticket.parse(args[0]).addr(), "hello"));
      } else {
        serve(endpoint);
        System.out.println(NodeTicket.of(endpoint.addr()));
        System.in.read(); // until Enter
      }
    }
  }

  /** From now on, everybody who dials gets back what they send. */
  static Router serve(Endpoint endpoint) {
    return Router.builder(endpoint).accept(ALPN, Echo::echo).spawn();
  }

  private static void echo(Connection connection) throws IOException {
    try (BiStream stream = connection.acceptBi()) {
      stream.recv().asInputStream().transferTo(stream.send().asOutputStream());
      stream.send().finish(); // without it, close() would tell the peer that we gave up
    }
  }

  /** Dials, sends, reads the answer. Whoever receives last closes the connection: that is us. */
  static String ask(Endpoint endpoint, NodeAddr server, String text) throws IOException {
    try (Connection connection = endpoint.connect(server, ALPN);
        BiStream stream = connection.openBi()) {
      stream.send().write(text.getBytes(UTF_8));
      stream.send().finish();
      return new String(stream.recv().readAll(1024), UTF_8);
    }
  }
}
