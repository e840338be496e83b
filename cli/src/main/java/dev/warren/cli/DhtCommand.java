package dev.warren.cli;

import dev.warren.base.SocketAddrs;
import dev.warren.discovery.dht.DhtBuilder;
import dev.warren.discovery.dht.DhtNode;
import dev.warren.serving.pages.MetricsPage;
import dev.warren.serving.pages.MetricsText;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "dht",
    mixinStandardHelpOptions = true,
    description =
        "Runs a node of a Mainline DHT until interrupted. A few of them, each started with another"
            + " as --bootstrap, are a DHT of one's own; the first needs none.")
final class DhtCommand implements Callable<Integer> {
  private static final MetricsText FORMAT =
      new MetricsText("warren_dht_", Set.of(), Set.of(), Map.of());

  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = "--bind",
      paramLabel = "IP:PORT",
      description = "where others reach it by UDP, port 0 for a free one (default: 127.0.0.1:6881)")
  InetSocketAddress bind = SocketAddrs.parse("127.0.0.1:6881");

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "a node of the DHT to join; public for the public one; repeatable")
  List<DhtHost> bootstrap = new ArrayList<>();

  @Option(
      names = "--metrics-port",
      paramLabel = "N",
      description = "serve metrics on loopback at this port, 0 for a free one")
  @Nullable LoopbackPort metricsPort;

  @Override
  public Integer call() throws Exception {
    Output out = output.output();
    DhtBuilder<DhtNode> builder = DhtNode.builder().bind(bind);
    bootstrap.stream().flatMap(host -> host.all().stream()).forEach(builder::bootstrap);
    try (Interruption interruption = Interruption.ofServer(out);
        DhtNode node = builder.start();
        MetricsPage page =
            metricsPort == null
                ? null
                : new MetricsPage(metricsPort.address(), node::metrics, FORMAT)) {
      interruption.closes(node::close);
      String addr = SocketAddrs.toString(node.localAddress());
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("addrs", List.of(addr));
      if (page != null) {
        fields.put("metrics", SocketAddrs.toString(page.address()));
      }
      out.event("bound", "DHT node at " + addr, Output.flat(fields));
      interruption.serve();
    }
    return 0;
  }
}
