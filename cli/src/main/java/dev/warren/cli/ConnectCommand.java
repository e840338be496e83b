package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.core.BiStream;
import dev.warren.core.ConnectOptions;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
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

  @Mixin final TargetOptions target = new TargetOptions();

  @Option(names = "--json")
  boolean json;

  @Option(names = "--alpn")
  String alpn = "warren-echo/0";

  @Option(names = "--bytes", description = "bytes of each stream")
  long bytes = 1024;

  @Option(names = "--count", description = "streams, or round trips with --ping")
  int count = 1;

  @Option(names = "--parallel", description = "streams at once")
  int parallel = 1;

  @Option(names = "--ping", description = "round trips on one echo stream")
  boolean ping;

  @Option(names = "--hold", paramLabel = "SECONDS")
  long hold;

  @Option(names = "--require", paramLabel = "direct|relay")
  @Nullable String require;

  @Option(names = "--timeout", paramLabel = "SECONDS")
  long timeout = 10;

  @Override
  public Integer call() throws Exception {
    NodeAddr addr = checked();
    Alpn protocol = protocol();
    Output out = new Output(json, System.out);
    try (Endpoint endpoint = options.builder().bind()) {
      Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
      long start = System.nanoTime();
      try (Connection connection =
          endpoint.connect(
              addr, protocol, ConnectOptions.DEFAULT.withTimeout(Duration.ofSeconds(timeout)))) {
        Paths paths = new Paths(out, connection, start);
        long ms = (System.nanoTime() - start) / 1_000_000;
        Events.connected(out, connection, ms);
        connection.closed().thenAccept(r -> Events.closed(out, connection, r));
        if (require != null && !paths.await(require, timeout * 1000)) {
          throw new IOException(
              "no "
                  + require
                  + " path within "
                  + timeout
                  + " s: "
                  + connection.path().why()
                  + " "
                  + connection.paths());
        }
        boolean good = ping ? ping(out, connection) : transfer(out, connection, protocol);
        if (hold > 0) {
          hold(connection);
        }
        return good ? 0 : 1;
      }
    }
  }

  private void hold(Connection connection) throws Exception {
    try {
      connection.closed().get(hold, TimeUnit.SECONDS);
    } catch (TimeoutException heldLongEnough) {
      return;
    }
  }

  private boolean transfer(Output out, Connection connection, Alpn protocol) throws IOException {
    Transfer transfer = new Transfer(connection, protocol);
    Transfer.Result r = transfer.run(bytes, count, parallel);
    boolean hashes = count > 1 || transfer.sinkHashAgrees();
    long mismatches = r.mismatches() + (hashes ? 0 : 1);
    out.event(
        "result",
        String.format(
            "%d streams, %d bytes, %.1f MiB/s, %d mismatches",
            count, r.bytes(), r.mibPerSecond(), mismatches),
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
        mismatches,
        "firstByteMs",
        r.firstByteNanos() / 1e6);
    return mismatches == 0;
  }

  private boolean ping(Output out, Connection connection) throws IOException {
    long[] nanos = new long[count];
    byte[] ball = new byte[(int) Math.max(1, bytes)];
    long start = System.nanoTime();
    try (BiStream stream = connection.openBi()) {
      for (int i = 0; i < count; i++) {
        long t = System.nanoTime();
        stream.send().write(ball);
        stream.recv().readFully(ByteBuffer.wrap(ball));
        nanos[i] = System.nanoTime() - t;
      }
      stream.send().finish();
    }
    long total = System.nanoTime() - start;
    Arrays.sort(nanos);
    double p50 = nanos[count / 2] / 1e3;
    double p99 = nanos[Math.min(count - 1, count * 99 / 100)] / 1e3;
    out.event(
        "result",
        String.format("%d round trips, p50 %.0f µs, p99 %.0f µs", count, p50, p99),
        "streams",
        1,
        "bytes",
        (long) ball.length * count,
        "ms",
        total / 1_000_000,
        "mismatches",
        0,
        "p50us",
        p50,
        "p99us",
        p99);
    return true;
  }

  private Alpn protocol() {
    try {
      return Alpn.of(alpn);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--alpn: " + e.getMessage());
    }
  }

  private NodeAddr checked() {
    if (count < 1 || parallel < 1 || bytes < 0 || timeout < 1 || timeout > 3600) {
      throw new UsageException(
          "--count, --parallel and --timeout are at least 1, --bytes at least 0");
    }
    if (require != null && !require.equals("direct") && !require.equals("relay")) {
      throw new UsageException("--require takes direct or relay, not " + require);
    }
    return target.addr();
  }
}
