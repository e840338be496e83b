package dev.warren.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.core.Presets;
import dev.warren.core.RemoteInfo;
import dev.warren.core.Router;
import java.io.IOException;

/**
 * A node that is dialled by its id and nothing else: discovery finds where it is.
 *
 * <p>Shows {@link Presets} and {@link Endpoint#remoteInfo}. Without arguments it serves and prints
 * its id; with an id it greets that node and says who told it the way. Both look on the local
 * network; for the world, {@code Presets.selfHosted(relays, "dns.example.com")} names your own
 * relays and DNS server instead ({@code warren relay}, {@code warren dns}).
 */
public final class ById {
  private static final Alpn ALPN = Alpn.of("warren-example-by-id/1");

  private ById() {}

  public static void main(String[] args) throws Exception {
    run(Endpoint.builder().preset(Presets.localNetwork()), args);
  }

  static void run(EndpointBuilder builder, String... args) throws Exception {
    try (Endpoint endpoint = builder.bind()) {
      if (args.length > 0) {
        NodeId id = NodeId.parse(args[0]);
        System.out.println(greet(endpoint, id));
        endpoint.remoteInfo(id).ifPresent(ById::tell);
      } else {
        serve(endpoint);
        System.out.println(endpoint.id());
        System.in.read(); // until Enter
      }
    }
  }

  /** From now on, everybody who dials is greeted by name. */
  static Router serve(Endpoint endpoint) {
    return Router.builder(endpoint).accept(ALPN, ById::answer).spawn();
  }

  private static void answer(Connection connection) throws IOException {
    try (BiStream stream = connection.acceptBi()) {
      String name = new String(stream.recv().readAll(100), UTF_8);
      stream.send().write(("good day, " + name).getBytes(UTF_8));
      stream.send().finish();
    }
  }

  /** The lookup is part of the dial: nothing is to be done before. */
  static String greet(Endpoint endpoint, NodeId id) throws IOException {
    try (Connection connection = endpoint.connect(id, ALPN);
        BiStream stream = connection.openBi()) {
      stream.send().write(endpoint.id().toShortString().getBytes(UTF_8));
      stream.send().finish();
      return new String(stream.recv().readAll(1024), UTF_8);
    }
  }

  private static void tell(RemoteInfo info) {
    for (RemoteInfo.Address address : info.addrs()) {
      for (RemoteInfo.Source source : address.sources()) {
        System.out.println(
            address.addr() + ", told by " + source.provenance() + " " + source.age() + " ago");
      }
    }
  }
}
