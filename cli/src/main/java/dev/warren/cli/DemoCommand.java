package dev.warren.cli;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Ticket;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.PathInfo;
import dev.warren.core.Router;
import dev.warren.relay.server.RelayServer;
import java.io.IOException;
import java.net.InetSocketAddress;
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
 * The main job on one machine: an embedded relay, two endpoints of which one knows the other's id
 * and relay only, meeting on the relay, moving to a direct path, and a verified transfer that does
 * not wait for it.
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
    InetSocketAddress loopback = SocketAddrs.parse("127.0.0.1:0");
    try (Interruption interruption = Interruption.ofWork(out);
        RelayServer relay = RelayServer.builder().bind(loopback);
        Endpoint server = Endpoint.builder().bindAddr(loopback).relay(relay.url()).bind();
        Endpoint client = Endpoint.builder().bindAddr(loopback).relay(relay.url()).bind();
        Router router = Router.builder(server).accept(TestProtocols.SINK, this::receive).spawn()) {
      interruption.closes(
          () -> {
            client.close();
            closings.await();
          });
      out.event(
          "bound",
          "relay    " + relay.url(),
          "url",
          relay.url(),
          "addrs",
          List.of(SocketAddrs.toString(relay.boundAddress())));
      server.awaitOnline(Duration.ofSeconds(5));
      client.awaitOnline(Duration.ofSeconds(5));
      out.event("online", null, "relay", relay.url());
      // The ticket names the id and the relay only: the direct path must be found.
      String ticket = NodeTicket.of(server.addr().withoutIps()).toString();
      out.eventInLines(
          "bound",
          List.of("server   " + server.id(), "ticket   " + ticket, "client   " + client.id(), ""),
          "id",
          server.id(),
          "addrs",
          server.addr().direct().stream().map(SocketAddrs::toString).toList(),
          "ticket",
          ticket);
      Outcome outcome;
      try {
        outcome = run(out, client, Ticket.parse(ticket).addr(), closings);
      } finally {
        closings.await();
        // Before the peer and the relay go: what an interrupt closes is told to them.
        interruption.close();
      }
      return verdict(out, outcome);
    }
  }

  private void receive(Connection connection) throws Exception {
    TestProtocols.sink(connection, () -> arrived.compareAndSet(0, System.nanoTime()));
  }

  private record Outcome(long mismatches, boolean direct) {}

  private Outcome run(Output out, Endpoint client, NodeAddr addr, Closings closings)
      throws Exception {
    long start = System.nanoTime();
    try (Connection connection = client.connect(addr, TestProtocols.SINK)) {
      Provenance by = new Provenance(client);
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
          paths.history());
      if (!out.json()) {
        table(r, first, paths, connection);
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
      Transfer.Result r, long firstByteNanos, Paths paths, Connection connection) {
    long relayed =
        connection.paths().stream()
            .filter(p -> p.type() == PathInfo.Type.RELAY)
            .mapToLong(PathInfo::bytesSent)
            .sum();
    System.out.printf(
        Locale.ROOT,
        "%ntime to first byte   %.0f ms%n"
            + "time to direct       %d ms%n"
            + "path history         %s%n"
            + "sent over the relay  %s%n"
            + "throughput           %s in %.2f s, %.0f MiB/s%n"
            + "sha256               %s%n",
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
