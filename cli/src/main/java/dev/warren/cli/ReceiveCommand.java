package dev.warren.cli;

import dev.warren.base.NodeAddr;
import dev.warren.cli.files.FileFetch;
import dev.warren.cli.files.FileOffer;
import dev.warren.core.ConnectOptions;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import java.io.Console;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "receive",
    mixinStandardHelpOptions = true,
    description =
        "Fetches what a sender offers, checks it by BLAKE3, and goes on where an earlier attempt"
            + " was interrupted: run it again with the same --out.")
final class ReceiveCommand implements Callable<Integer> {
  @Mixin final EndpointOptions options = new EndpointOptions();
  @Mixin final TargetOptions target = new TargetOptions();

  @Option(names = "--out", paramLabel = "DIR", description = "target folder (default: this one)")
  Path out = Path.of(".");

  @Option(names = "--overwrite", description = "replace what has the same name")
  boolean overwrite;

  @Option(names = "--json", description = "one JSON object per line")
  boolean json;

  @Option(names = "--timeout", paramLabel = "SECONDS", description = "of the connect")
  long timeout = 10;

  @Override
  public Integer call() throws Exception {
    NodeAddr addr = target.addr();
    if (timeout < 1 || timeout > 3600) {
      throw new UsageException("--timeout is 1 to 3600, not " + timeout);
    }
    Output output = new Output(json, System.out);
    try (Endpoint endpoint = options.builder().bind()) {
      Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
      long start = System.nanoTime();
      try (Connection connection =
              endpoint.connect(
                  addr,
                  FileOffer.alpn(),
                  ConnectOptions.DEFAULT.withTimeout(Duration.ofSeconds(timeout)));
          TransferProgress progress =
              new TransferProgress(output, "receive", System.console() != null)) {
        Events.connected(output, connection, (System.nanoTime() - start) / 1_000_000);
        new Paths(output, connection, start);
        connection.closed().thenAccept(r -> Events.closed(output, connection, r));
        FileFetch.Fetched fetched =
            new FileFetch(out, this::mayReplace, progress).fetch(connection);
        progress.close();
        told(output, fetched, (System.nanoTime() - start) / 1e9);
        return 0;
      }
    }
  }

  private void told(Output output, FileFetch.Fetched f, double seconds) {
    double rate = (f.bytes() - f.present()) / 1048576.0 / Math.max(1e-9, seconds);
    output.event(
        "result",
        String.format(
            "received %s: %d files, %d bytes (%d were here), %.1f MiB/s, blake3 %s",
            f.target(), f.files(), f.bytes(), f.present(), rate, f.blake3()),
        "path",
        f.target(),
        "files",
        f.files(),
        "bytes",
        f.bytes(),
        "present",
        f.present(),
        "ms",
        (long) (seconds * 1000),
        "mibPerS",
        rate,
        "blake3",
        f.blake3(),
        "mismatches",
        0);
  }

  private boolean mayReplace(Path existing) {
    if (overwrite) {
      return true;
    }
    Console console = System.console();
    if (json || console == null) {
      return false;
    }
    String answer = console.readLine("%s exists. Replace it? [y/N] ", existing);
    return answer != null && answer.strip().toLowerCase(java.util.Locale.ROOT).startsWith("y");
  }
}
