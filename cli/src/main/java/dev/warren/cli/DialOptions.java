package dev.warren.cli;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whom to dial, and how long to try. */
final class DialOptions {
  @Parameters(index = "0", paramLabel = "TARGET", description = "ticket or node id")
  @Nullable NodeAddr target;

  @Option(
      names = "--addr",
      paramLabel = "IP:PORT",
      description = "an address of the peer, beside a bare node id; repeatable")
  List<InetSocketAddress> addrs = new ArrayList<>();

  @Option(names = "--peer-relay", paramLabel = "URL", description = "the peer's relay")
  @Nullable RelayUrl peerRelay;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "for how long to dial, 1 to 3600 (default: 10)")
  Duration timeout = Duration.ofSeconds(10);

  void check() {
    UsageException.requireRange("--timeout", timeout.toSeconds(), 1, 3600);
  }

  NodeAddr addr() {
    NodeAddr addr = Objects.requireNonNull(target);
    for (InetSocketAddress ip : addrs) {
      addr = addr.withIp(ip);
    }
    return peerRelay == null ? addr : addr.withRelay(peerRelay);
  }
}
