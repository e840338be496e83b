package dev.warren.cli;

import dev.warren.cli.files.FileOffer;
import dev.warren.core.Connection;
import dev.warren.core.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    description =
        "Offers a file or folder to whoever has the ticket, until interrupted. With --secret-key"
            + " and --bind the ticket stays the same after a restart.")
final class SendCommand implements Callable<Integer> {
  @Mixin final EndpointOptions options = new EndpointOptions();
  @Mixin final OutputOptions output = new OutputOptions();

  @Parameters(index = "0", paramLabel = "FILE", description = "file or folder")
  Path file = Path.of("");

  @Option(names = "--once", description = "end when one receiver has everything")
  boolean once;

  @Override
  public Integer call() throws Exception {
    Output out = output.output();
    Closings closings = new Closings(out);
    try (Interruption interruption = Interruption.ofServer(out)) {
      // To list a large folder takes long, and may be interrupted too.
      FileOffer offer = offer();
      serve(out, offer, closings, interruption);
      closings.await();
    }
    return 0;
  }

  private void serve(Output out, FileOffer offer, Closings closings, Interruption interruption)
      throws IOException, InterruptedException {
    try (OpenEndpoint open = open(out, closings, interruption);
        Router router =
            Router.builder(open.endpoint())
                .accept(
                    FileOffer.alpn(),
                    Events.told(
                        out,
                        closings,
                        open.provenance(),
                        c -> serve(c, offer, out, once ? interruption : null)))
                .spawn();
        RelayAccess access = RelayAccess.watch(out, open.endpoint(), options.relayIsOnlyWay())) {
      out.event(
          "offer",
          String.format(
              Locale.ROOT,
              "offer  %s: %d files, %d bytes%s",
              offer.name(),
              offer.files(),
              offer.bytes(),
              offer.skipped() == 0
                  ? ""
                  : ", without " + offer.skipped() + " links and special files"),
          "name",
          offer.name(),
          "files",
          offer.files(),
          "bytes",
          offer.bytes(),
          "skipped",
          offer.skipped());
      options.warnIfUnpublished(out);
      Events.bound(out, open.endpoint(), access);
      if (!out.json()) {
        System.out.println("run    warren receive TICKET   on the other machine");
      }
      access.onEnd(interruption::stop);
      interruption.serve();
      access.check();
    }
  }

  private OpenEndpoint open(Output out, Closings closings, Interruption interruption)
      throws IOException {
    OpenEndpoint open = options.open(out);
    interruption.closes(
        () -> {
          open.close();
          closings.await();
        });
    return open;
  }

  private FileOffer offer() throws IOException {
    if (!Files.isReadable(file)) {
      throw new UsageException(file + (Files.exists(file) ? " cannot be read" : " does not exist"));
    }
    return FileOffer.of(file);
  }

  private static void serve(
      Connection connection, FileOffer offer, Output out, @Nullable Interruption afterOne)
      throws IOException {
    String task = "to " + connection.remoteId().toShortString();
    try (TransferProgress progress = new TransferProgress(out, task)) {
      FileOffer.Served served = offer.serve(connection, progress);
      progress.close();
      double seconds = Math.max(1e-9, progress.nanos() / 1e9);
      double rate = served.bytes() / 1048576.0 / seconds;
      out.event(
          "result",
          String.format(
              Locale.ROOT,
              "sent   %d files, %d bytes, %.1f MiB/s",
              served.files(),
              served.bytes(),
              rate),
          "peer",
          connection.remoteId(),
          "files",
          served.files(),
          "bytes",
          served.bytes(),
          "ms",
          (long) (seconds * 1000),
          "mibPerS",
          rate);
      if (afterOne != null) {
        afterOne.stop();
      }
    } catch (IOException e) {
      out.event(
          "error",
          "warren: "
              + connection.remoteId().toShortString()
              + " did not get everything: "
              + e.getMessage(),
          "kind",
          "transfer",
          "peer",
          connection.remoteId(),
          "message",
          e.getMessage());
      throw e;
    }
  }
}
