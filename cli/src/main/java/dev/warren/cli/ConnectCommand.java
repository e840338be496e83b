package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException.Kind;
import dev.warren.core.Connection;
import dev.warren.core.PathInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "connect",
    mixinStandardHelpOptions = true,
    description = "Dials a ticket or a node id and runs a test protocol.")
final class ConnectCommand implements Callable<Integer> {
  @Mixin final EndpointOptions options = new EndpointOptions();
  @Mixin final DialOptions dial = new DialOptions();
  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = "--alpn",
      paramLabel = "NAME",
      description = "protocol: warren-echo/0 (default), warren-sink/0, warren-source/0 or an echo")
  Alpn alpn = TestProtocols.ECHO;

  @Option(
      names = "--bytes",
      paramLabel = "N",
      description = "of each stream or round trip, such as 64MiB (default: 1024)")
  ByteCount bytes = new ByteCount(1024);

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "streams, or round trips with --ping (default: 1)")
  int count = 1;

  @Option(names = "--parallel", paramLabel = "N", description = "streams at once (default: 1)")
  int parallel = 1;

  @Option(names = "--ping", description = "measure round trips on one echo stream")
  boolean ping;

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      description = "keep the connection so long afterwards (default: 0)")
  Duration hold = Duration.ZERO;

  @Option(
      names = "--require",
      paramLabel = "direct|relay",
      description = "wait for such a path before sending, at most --timeout")
  PathInfo.@Nullable Type require;

  @Override
  public Integer call() throws Exception {
    check();
    Output out = output.output();
    try (Dialled dialled = Dialled.open(out, options, dial, alpn)) {
      Connection connection = dialled.connection();
      awaitRequired(dialled);
      long mismatches = ping ? ping(out, connection) : transfer(out, connection);
      int exitCode = mismatches == 0 ? 0 : Failures.mismatched(mismatches, out.json());
      dialled.done(exitCode);
      hold(connection);
      return exitCode;
    }
  }

  private void check() {
    dial.check();
    UsageException.requireRange("--count", count, 1, 1_000_000);
    UsageException.requireRange("--parallel", parallel, 1, 10_000);
    if (ping) {
      UsageException.requireRange("--bytes with --ping", bytes.value(), 0, PingPong.MAX_BYTES);
      if (alpn.equals(TestProtocols.SINK) || alpn.equals(TestProtocols.SOURCE)) {
        throw new UsageException("--ping needs an echo, and " + alpn + " is none");
      }
    }
  }

  private void awaitRequired(Dialled dialled) throws IOException {
    if (require != null && !dialled.paths().await(require, dial.timeout)) {
      Connection connection = dialled.connection();
      throw new PeerConnectException(
          Kind.TIMEOUT,
          connection.remoteId(),
          String.format(
              "no %s path %s: %s %s",
              Paths.type(require),
              connection.closed().isDone()
                  ? "before the connection ended"
                  : "within " + dial.timeout.toSeconds() + " s",
              connection.path().why(),
              connection.paths()));
    }
  }

  private void hold(Connection connection) throws InterruptedException, ExecutionException {
    try {
      connection.closed().get(hold.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException heldLongEnough) {
      return;
    }
  }

  private long transfer(Output out, Connection connection) throws IOException {
    Transfer transfer = new Transfer(connection, alpn);
    Transfer.Result r = transfer.run(bytes.value(), count, parallel);
    out.event(
        "result",
        String.format(
            Locale.ROOT,
            "%d streams, %d bytes, %.1f MiB/s, %d mismatches",
            count,
            r.bytes(),
            r.mibPerSecond(),
            r.mismatches()),
        "streams",
        count,
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
        r.firstByteNanos() / 1e6);
    return r.mismatches();
  }

  private long ping(Output out, Connection connection) throws IOException {
    PingPong.Result r = PingPong.run(connection, (int) Math.max(1, bytes.value()), count);
    out.event(
        "result",
        String.format(
            Locale.ROOT,
            "%d round trips, p50 %.0f µs, p99 %.0f µs, %d mismatches",
            count,
            r.p50Micros(),
            r.p99Micros(),
            r.mismatches()),
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
        r.firstNanos() / 1e6,
        "p50us",
        r.p50Micros(),
        "p99us",
        r.p99Micros());
    return r.mismatches();
  }
}
