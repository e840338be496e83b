package dev.warren.cli;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "relay",
    mixinStandardHelpOptions = true,
    description = "Runs a relay until interrupted.")
final class RelayCommand implements Callable<Integer> {
  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = "--dev",
      required = true,
      description = "plain http on loopback, for trying things out")
  boolean dev;

  @Option(
      names = "--bind",
      paramLabel = "IP:PORT",
      description = "where to listen, port 0 for a free one (default: 127.0.0.1:3340)")
  InetSocketAddress bind = SocketAddrs.parse("127.0.0.1:3340");

  @Override
  public Integer call() throws Exception {
    Output out = output.output();
    try (Interruption interruption = Interruption.ofServer(out);
        RelayServer relay = RelayServer.builder().bind(bind)) {
      interruption.closes(relay::close);
      List<String> addrs = List.of(SocketAddrs.toString(relay.boundAddress()));
      out.event("bound", "relay at " + relay.url(), "url", relay.url(), "addrs", addrs);
      interruption.serve();
    }
    return 0;
  }
}
