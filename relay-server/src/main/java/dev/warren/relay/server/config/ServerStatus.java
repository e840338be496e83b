package dev.warren.relay.server.config;

import dev.warren.relay.server.RelayServer;
import dev.warren.relay.server.operation.StatusSource;
import java.util.List;
import java.util.Map;

/** A server as its status page sees it. */
record ServerStatus(RelayServer server) implements StatusSource {
  @Override
  public Map<String, Long> metrics() {
    return server.metrics();
  }

  @Override
  public List<Client> clients() {
    return server.connected().stream()
        .map(
            c ->
                new Client(
                    c.node().toString(),
                    c.remote(),
                    c.dialect(),
                    c.since(),
                    c.bytesReceived(),
                    c.bytesSent(),
                    c.active()))
        .toList();
  }
}
