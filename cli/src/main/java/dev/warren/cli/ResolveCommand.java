package dev.warren.cli;

import dev.warren.base.NodeId;
import dev.warren.base.PeerException;
import dev.warren.discovery.LookupOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "resolve",
    mixinStandardHelpOptions = true,
    description = "Asks every service of discovery where a node is, and says what each answers.")
final class ResolveCommand implements Callable<Integer> {
  @Mixin final DiscoveryOptions options = new DiscoveryOptions();
  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = OptionsFile.OPTION,
      paramLabel = "FILE",
      description = "TOML with options: docs/command-line.md; those given here go before")
  @Nullable OptionsFile config;

  @Parameters(index = "0", paramLabel = "NODEID", description = "whom to look for")
  @Nullable NodeId id;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "how long to wait for all of them, 1 to 30 (default: 10)")
  Duration timeout = Duration.ofSeconds(10);

  @Override
  public Integer call() throws Exception {
    UsageException.requireRange("--timeout", timeout.toSeconds(), 1, 30);
    if (!options.any()) {
      throw new UsageException("resolve needs a service to ask: " + DiscoveryOptions.SERVICES);
    }
    Output out = output.output();
    NodeId wanted = Objects.requireNonNull(id);
    try (Interruption interruption = Interruption.ofWork(out);
        Inquiry inquiry = Inquiry.open(options.services(), new Findings(out))) {
      interruption.closes(inquiry::close);
      List<LookupOutcome> outcomes = inquiry.ask(wanted, timeout);
      outcomes.forEach(outcome -> tell(out, outcome));
      if (outcomes.stream().anyMatch(outcome -> outcome.addresses() > 0)) {
        return 0;
      }
      return Failures.report(
          PeerException.Kind.NO_ADDRESS.label(), message(wanted, outcomes), out.json(), 1);
    }
  }

  private static String message(NodeId id, List<LookupOutcome> outcomes) {
    return "no address of "
        + id.toShortString()
        + " was found: "
        + String.join("; ", outcomes.stream().map(LookupOutcome::toString).toList());
  }

  private static void tell(Output out, LookupOutcome outcome) {
    out.event(
        "resolved",
        outcome.toString(),
        "service",
        outcome.service(),
        "state",
        outcome.state().name().toLowerCase(Locale.ROOT),
        "addresses",
        outcome.addresses(),
        "ms",
        outcome.took().toMillis(),
        "error",
        outcome.cause().map(Throwable::getMessage).orElse(null));
  }
}
