package dev.warren.cli;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Ticket;
import dev.warren.base.TicketParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whom to dial. */
final class TargetOptions {
  @Parameters(index = "0", paramLabel = "TARGET", description = "ticket or node id")
  String target = "";

  @Option(
      names = "--addr",
      paramLabel = "IP:PORT",
      description = "an address of the peer, beside a bare node id; repeatable")
  List<String> addrs = new ArrayList<>();

  @Option(names = "--peer-relay", paramLabel = "URL", description = "the peer's relay")
  @Nullable String peerRelay;

  /** The address; a {@link UsageException} says what is wrong with it. */
  NodeAddr addr() {
    try {
      NodeAddr addr =
          target.startsWith("node") || target.startsWith("endpoint")
              ? Ticket.parse(target).addr()
              : NodeAddr.of(NodeId.parse(target));
      for (String ip : addrs) {
        addr = addr.withIp(SocketAddrs.parse(ip));
      }
      return peerRelay == null ? addr : addr.withRelay(RelayUrl.parse(peerRelay));
    } catch (TicketParseException
        | KeyParseException
        | RelayUrlParseException
        | IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }
}
