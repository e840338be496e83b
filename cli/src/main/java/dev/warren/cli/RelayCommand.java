package dev.warren.cli;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "relay", mixinStandardHelpOptions = true, description = "Runs a relay.")
final class RelayCommand implements Callable<Integer> {
  @Option(names = "--json")
  boolean json;

  @Option(
      names = "--dev",
      required = true,
      description = "plain http on loopback, for trying things out")
  boolean dev;

  @Option(names = "--bind", paramLabel = "IP:PORT", description = "default 127.0.0.1:3340")
  String bind = "127.0.0.1:3340";

  @Override
  public Integer call() throws Exception {
    InetSocketAddress address;
    try {
      address = SocketAddrs.parse(bind);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--bind: " + e.getMessage());
    }
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    RelayServer relay = RelayServer.builder().bind(address);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  relay.close();
                  stop.countDown();
                  ended.countDown();
                  // An interrupt is how serving ends, not a failure.
                  Runtime.getRuntime().halt(0);
                }));
    List<String> addrs = List.of(SocketAddrs.toString(relay.boundAddress()));
    new Output(json, System.out)
        .event("bound", "relay at " + relay.url(), "url", relay.url(), "addrs", addrs);
    stop.await();
    ended.await();
    return 0;
  }
}
