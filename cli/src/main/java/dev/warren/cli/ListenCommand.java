package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.core.Endpoint;
import dev.warren.core.Router;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "listen",
    mixinStandardHelpOptions = true,
    description = "Serves the test protocols until interrupted.")
final class ListenCommand implements Callable<Integer> {
  @Mixin final EndpointOptions options = new EndpointOptions();
  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = "--alpn",
      paramLabel = "NAME",
      description = "another protocol to serve as echo; repeatable")
  List<Alpn> alpns = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Set<Alpn> echoes = echoes();
    Output out = output.output();
    Closings closings = new Closings(out);
    try (Interruption interruption = Interruption.ofServer(out);
        OpenEndpoint open = options.open(out)) {
      Endpoint endpoint = open.endpoint();
      Provenance by = open.provenance();
      interruption.closes(
          () -> {
            endpoint.close();
            closings.await();
          });
      Router.Builder router =
          Router.builder(endpoint)
              .accept(TestProtocols.SINK, Events.told(out, closings, by, TestProtocols::sink))
              .accept(TestProtocols.SOURCE, Events.told(out, closings, by, TestProtocols::source));
      echoes.forEach(a -> router.accept(a, Events.told(out, closings, by, TestProtocols::echo)));
      try (Router running = router.spawn();
          RelayAccess access = RelayAccess.watch(out, endpoint, options.relayIsOnlyWay())) {
        options.warnIfUnpublished(out);
        Events.bound(out, endpoint, access);
        open.tellNeighbours();
        access.onEnd(interruption::stop);
        interruption.serve();
        access.check();
      }
    }
    return 0;
  }

  private Set<Alpn> echoes() {
    Set<Alpn> echoes = new LinkedHashSet<>(List.of(TestProtocols.ECHO));
    echoes.addAll(alpns);
    if (echoes.contains(TestProtocols.SINK) || echoes.contains(TestProtocols.SOURCE)) {
      throw new UsageException("--alpn: warren-sink/0 and warren-source/0 are served as they are");
    }
    return echoes;
  }
}
