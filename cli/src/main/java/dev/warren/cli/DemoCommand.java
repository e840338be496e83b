package dev.warren.cli;

import dev.warren.base.Alpn;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The main job on one machine: an embedded relay, two endpoints of which one knows the other's id
 * and relay only, meeting on the relay, moving to a direct path, and a verified transfer.
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

  @Override
  public Integer call() throws Exception {
    Output out = output.output();
    InetSocketAddress loopback = SocketAddrs.parse("127.0.0.1:0");
    try (RelayServer relay = RelayServer.builder().bind(loopback);
        Endpoint server = Endpoint.builder().bindAddr(loopback).relay(relay.url()).bind();
        Endpoint client = Endpoint.builder().bindAddr(loopback).relay(relay.url()).bind();
        Router router =
            Router.builder(server).accept(TestProtocols.SINK, TestProtocols::sink).spawn()) {
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
      out.event(
          "bound",
          "server   " + server.id() + "\nticket   " + ticket,
          "id",
          server.id(),
          "addrs",
          server.addr().direct().stream().map(SocketAddrs::toString).toList(),
          "ticket",
          ticket);
      return run(out, client, Ticket.parse(ticket).addr(), TestProtocols.SINK, size.value());
    }
  }

  private int run(Output out, Endpoint client, NodeAddr addr, Alpn alpn, long bytes)
      throws Exception {
    long start = System.nanoTime();
    try (Connection connection = client.connect(addr, alpn)) {
      Paths paths = new Paths(out, connection, start);
      long connectMs = (System.nanoTime() - start) / 1_000_000;
      Events.connected(out, connection, connectMs);
      boolean direct = paths.await(PathInfo.Type.DIRECT, DIRECT_LIMIT);
      long directMs = (System.nanoTime() - start) / 1_000_000;
      Transfer transfer = new Transfer(connection, alpn);
      CompletableFuture<Transfer.Result> running =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return transfer.run(bytes, 1, 1);
                } catch (IOException e) {
                  throw new CompletionException(e);
                }
              });
      Transfer.Result r = await(out, transfer, running, bytes);
      long mismatches = r.mismatches() + (transfer.sinkHashAgrees() ? 0 : 1);
      boolean good = mismatches == 0 && direct;
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
          mismatches,
          "firstByteMs",
          r.firstByteNanos() / 1e6,
          "directMs",
          directMs,
          "paths",
          paths.history());
      if (!out.json()) {
        table(r, connectMs, directMs, paths, good);
      }
      return good ? 0 : 1;
    }
  }

  private static Transfer.Result await(
      Output out, Transfer transfer, CompletableFuture<Transfer.Result> running, long bytes)
      throws Exception {
    try (TransferProgress progress = new TransferProgress(out, "transfer", true)) {
      progress.begin(bytes, 0);
      long told = 0;
      for (; ; ) {
        try {
          Transfer.Result result = running.get(100, TimeUnit.MILLISECONDS);
          progress.moved(bytes - told);
          return result;
        } catch (TimeoutException stillRunning) {
          long moved = transfer.written();
          progress.moved(moved - told);
          told = moved;
        }
      }
    }
  }

  private static void table(
      Transfer.Result r, long connectMs, long directMs, Paths paths, boolean good) {
    System.out.printf(
        Locale.ROOT,
        "%n%nconnected after       %6d ms%ndirect path after    %6d ms%npaths                %s%n"
            + "carried              %6.0f MiB in %.2f s = %.0f MiB/s%nsha256               %s%n%s%n",
        connectMs,
        directMs,
        String.join(" → ", paths.history()),
        r.bytes() / 1048576.0,
        r.nanos() / 1e9,
        r.mibPerSecond(),
        r.sha256(),
        good ? "verified             every byte" : "FAILED");
  }
}
