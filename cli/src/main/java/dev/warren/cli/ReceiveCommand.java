package dev.warren.cli;

import dev.warren.cli.files.FileFetch;
import dev.warren.cli.files.FileOffer;
import java.io.Console;
import java.nio.file.Path;
import java.util.Locale;
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
  @Mixin final DialOptions dial = new DialOptions();
  @Mixin final OutputOptions output = new OutputOptions();

  @Option(names = "--out", paramLabel = "DIR", description = "target folder (default: this one)")
  Path folder = Path.of(".");

  @Option(names = "--overwrite", description = "replace what has the same name")
  boolean overwrite;

  @Override
  public Integer call() throws Exception {
    dial.check();
    UsageException.requireFolder("--out", folder);
    Output out = output.output();
    try (Dialled dialled = Dialled.open(out, options, dial, FileOffer.alpn());
        TransferProgress progress = new TransferProgress(out, "receive")) {
      FileFetch.Fetched fetched =
          new FileFetch(folder, this::mayReplace, progress).fetch(dialled.connection());
      dialled.done(0);
      progress.close();
      told(out, fetched, fetched.nanos() / 1e9);
      return 0;
    }
  }

  private static void told(Output out, FileFetch.Fetched f, double seconds) {
    double rate = (f.bytes() - f.present()) / 1048576.0 / Math.max(1e-9, seconds);
    out.event(
        "result",
        String.format(
            Locale.ROOT,
            "received %s: %d files, %d bytes (%d were here), %.1f MiB/s, blake3 %s",
            f.target(),
            f.files(),
            f.bytes(),
            f.present(),
            rate,
            f.blake3()),
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
    Console console = Terminal.console();
    if (output.json || console == null) {
      return false;
    }
    String answer = console.readLine("%s exists. Replace it? [y/N] ", Output.shown(existing));
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }
}
