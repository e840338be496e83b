package dev.warren.cli;

import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.PathInfo;
import dev.warren.core.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The main job on one machine: an embedded relay and DNS server, two endpoints that know each
 * other's ids only, the publishing and the lookup, meeting on the relay, moving to a direct path,
 * and a verified transfer that does not wait for it.
 */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Shows the whole promise on one machine.")
final class DemoCommand implements Callable<Integer> {
  private static final Duration DIRECT_LIMIT = Duration.ofSeconds(5);

  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "bytes to carry, such as 64MiB (default: 256MiB)")
  ByteCount size = new ByteCount(256 << 20);

  /** When the server had the first byte, as {@link System#nanoTime()}; 0 before. */
  private final AtomicLong arrived = new AtomicLong();

  @Override
  public Integer call() throws Exception {
    Output out = output.output();
    Closings closings = new Closings(out);
    try (Interruption interruption = Interruption.ofWork(out);
        DemoNetwork network = new DemoNetwork(new Findings(out));
        Router router =
            Router.builder(network.server()).accept(TestProtocols.SINK, this::receive).spawn()) {
      interruption.closes(
          () -> {
            network.client().close();
            closings.await();
          });
      network.tell(out);
      Outcome outcome;
      try {
        network.awaitFound();
        outcome = run(out, network, closings);
      } finally {
        closings.await();
        // Before the peer and the servers go: what an interrupt closes is told to them.
        interruption.close();
      }
      return verdict(out, outcome);
    }
  }

  private void receive(Connection connection) throws Exception {
    TestProtocols.sink(connection, () -> arrived.compareAndSet(0, System.nanoTime()));
  }

  private record Outcome(long mismatches, boolean direct) {}

  private Outcome run(Output out, DemoNetwork network, Closings closings) throws Exception {
    long start = System.nanoTime();
    Endpoint client = network.client();
    try (Connection connection = client.connect(network.server().id(), TestProtocols.SINK)) {
      Provenance by = new Provenance(client);
      List<String> foundBy = by.foundBy(connection);
      Paths paths = Paths.connected(out, connection, by, start);
      closings.watch(connection, by);
      Transfer.Result r = transfer(out, new Transfer(connection, TestProtocols.SINK));
      boolean direct = paths.await(PathInfo.Type.DIRECT, DIRECT_LIMIT);
      // Nothing arrives of nothing.
      long first = arrived.get() == 0 ? r.firstByteNanos() : arrived.get() - start;
      out.event(
          "result",
          null,
          "streams",
          1,
          "bytes",
          r.bytes(),
          "ms",
          r.nanos() / 1_000_000,
          "mibPerS",
          r.mibPerSecond(),
          "sha256",
          r.sha256(),
          "mismatches",
          r.mismatches(),
          "firstByteMs",
          first / 1e6,
          "directMs",
          paths.directMillis(),
          "paths",
          paths.history(),
          "foundBy",
          foundBy);
      if (!out.json()) {
        table(r, first, paths, foundBy, connection);
      }
      return new Outcome(r.mismatches(), direct);
    }
  }

  /** The exit code comes back. */
  private static int verdict(Output out, Outcome outcome) {
    if (outcome.mismatches() > 0) {
      return Failures.mismatched(outcome.mismatches(), out.json());
    }
    if (!outcome.direct()) {
      String message = "no direct path within " + DIRECT_LIMIT.toSeconds() + " s";
      return Failures.report("timeout", message, out.json(), 1);
    }
    if (!out.json()) {
      System.out.println("verified: every byte");
    }
    return 0;
  }

  private Transfer.Result transfer(Output out, Transfer transfer) throws Exception {
    CompletableFuture<Transfer.Result> running =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return transfer.run(size.value(), 1, 1);
              } catch (IOException e) {
                throw new CompletionException(e);
              }
            });
    try (TransferProgress progress = new TransferProgress(out, "transfer")) {
      progress.begin(size.value(), 0);
      long told = 0;
      while (!ended(running)) {
        long moved = transfer.written();
        progress.moved(moved - told);
        told = moved;
      }
      Transfer.Result result = running.get();
      progress.moved(size.value() - told);
      return result;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static boolean ended(CompletableFuture<?> running)
      throws InterruptedException, ExecutionException {
    try {
      running.get(100, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    }
  }

  private static void table(
      Transfer.Result r,
      long firstByteNanos,
      Paths paths,
      List<String> foundBy,
      Connection connection) {
    long relayed =
        connection.paths().stream()
            .filter(p -> p.type() == PathInfo.Type.RELAY)
            .mapToLong(PathInfo::bytesSent)
            .sum();
    System.out.printf(
        Locale.ROOT,
        "%nfound by             %s%n"
            + "time to first byte   %.0f ms%n"
            + "time to direct       %d ms%n"
            + "path history         %s%n"
            + "sent over the relay  %s%n"
            + "throughput           %s in %.2f s, %.0f MiB/s%n"
            + "sha256               %s%n",
        String.join(", ", foundBy),
        firstByteNanos / 1e6,
        paths.directMillis(),
        String.join(" → ", paths.history()),
        ByteCount.shown(relayed),
        ByteCount.shown(r.bytes()),
        r.nanos() / 1e9,
        r.mibPerSecond(),
        Objects.requireNonNull(r.sha256()));
  }
}
