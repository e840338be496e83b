package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.core.Endpoint;
import dev.warren.core.Router;
import java.util.ArrayList;
import java.util.List;
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

  @Option(names = "--json", description = "one JSON object per line")
  boolean json;

  @Option(names = "--alpn", description = "served as echo; repeatable")
  List<String> alpns = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Output out = new Output(json, System.out);
    try (Endpoint endpoint = options.builder().bind()) {
      Router.Builder router =
          Router.builder(endpoint)
              .accept(TestProtocols.ECHO, Events.told(out, TestProtocols::echo))
              .accept(TestProtocols.SINK, Events.told(out, TestProtocols::sink))
              .accept(TestProtocols.SOURCE, Events.told(out, TestProtocols::source));
      alpns.forEach(a -> router.accept(alpn(a), Events.told(out, TestProtocols::echo)));
      try (Router running = router.spawn()) {
        Events.bound(out, endpoint);
        new UntilInterrupted().serve(endpoint);
      }
    }
    return 0;
  }

  private static Alpn alpn(String text) {
    try {
      return Alpn.of(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--alpn: " + e.getMessage());
    }
  }
}
