package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.SocketAddrs;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.ProtocolHandler;
import dev.warren.core.Router;
import dev.warren.relay.client.RelayStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "listen",
    mixinStandardHelpOptions = true,
    description = "Serves the test protocols until interrupted.")
final class ListenCommand implements Callable<Integer> {
  /** The ticket should name the relay, so its connection is waited for, but not for ever. */
  private static final Duration ONLINE = Duration.ofSeconds(3);

  @Mixin final EndpointOptions options = new EndpointOptions();

  @Option(names = "--json")
  boolean json;

  @Option(names = "--alpn", description = "served as echo; repeatable")
  List<String> alpns = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Output out = new Output(json, System.out);
    CountDownLatch stop = new CountDownLatch(1);
    try (Endpoint endpoint = options.builder().bind()) {
      Router.Builder router =
          Router.builder(endpoint)
              .accept(TestProtocols.ECHO, told(out, TestProtocols::echo))
              .accept(TestProtocols.SINK, told(out, TestProtocols::sink))
              .accept(TestProtocols.SOURCE, told(out, TestProtocols::source));
      alpns.forEach(a -> router.accept(Alpn.of(a), told(out, TestProtocols::echo)));
      try (Router running = router.spawn()) {
        awaitRelay(endpoint);
        NodeAddr addr = endpoint.addr();
        List<String> addrs = addr.direct().stream().map(SocketAddrs::toString).toList();
        out.event(
            "bound",
            "id     " + addr.id() + "\naddrs  " + addrs + "\nticket " + NodeTicket.of(addr),
            "id",
            addr.id(),
            "addrs",
            addrs,
            "ticket",
            NodeTicket.of(addr));
        addr.relay().ifPresent(url -> out.event("online", "relay  " + url, "relay", url));
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      stop.countDown();
                      endpoint.close();
                      ended.countDown();
                      // An interrupt is how serving ends, not a failure.
                      Runtime.getRuntime().halt(0);
                    }));
        stop.await();
        ended.await();
      }
    }
    return 0;
  }

  private void awaitRelay(Endpoint endpoint) throws InterruptedException {
    try {
      endpoint
          .homeRelay()
          .awaitUntil(
              s -> s instanceof RelayStatus.Connected || s instanceof RelayStatus.Disabled, ONLINE);
    } catch (TimeoutException notYet) {
      System.err.println("warren: no relay yet: " + endpoint.homeRelay().get());
    }
  }

  private static ProtocolHandler told(Output out, ProtocolHandler handler) {
    return (Connection connection) -> {
      out.event(
          "incoming",
          "incoming " + connection.remoteId() + " for " + connection.alpn(),
          "peer",
          connection.remoteId(),
          "alpn",
          connection.alpn());
      connection
          .closed()
          .thenAccept(
              reason ->
                  out.event(
                      "closed",
                      "closed " + connection.remoteId().toShortString() + " " + reason.describe(),
                      "peer",
                      connection.remoteId(),
                      "code",
                      reason.code(),
                      "reason",
                      reason.text(),
                      "by",
                      reason.by()));
      handler.accept(connection);
    };
  }
}
