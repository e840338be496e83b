package dev.warren.cli;

import dev.warren.base.CloseReason;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.SocketAddrs;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.PathInfo;
import dev.warren.core.ProtocolHandler;
import dev.warren.relay.client.RelayStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The events that several commands tell, each in one place (design section 6). */
final class Events {
  /** The ticket should name the relay, so its connection is waited for, but not for ever. */
  private static final Duration ONLINE = Duration.ofSeconds(3);

  private Events() {}

  /**
   * Where an endpoint is bound, once its relay is known or {@link #ONLINE} is over; then, once,
   * that it is online, whenever that is.
   *
   * @throws RelayRefusedException if the relay does not let us in and is the only way
   */
  static void bound(Output out, Endpoint endpoint, RelayAccess access)
      throws InterruptedException, RelayRefusedException {
    try {
      access.check(endpoint.homeRelay().awaitUntil(Events::settled, ONLINE));
    } catch (TimeoutException notYet) {
      System.err.println(
          "warren: no relay within "
              + ONLINE.toSeconds()
              + " s, the ticket names none; still trying: "
              + Output.shown(endpoint.homeRelay().get()));
    }
    NodeAddr addr = endpoint.addr();
    List<String> addrs = addr.direct().stream().map(SocketAddrs::toString).toList();
    out.eventInLines(
        "bound",
        List.of("id     " + addr.id(), "addrs  " + addrs, "ticket " + NodeTicket.of(addr)),
        "id",
        addr.id(),
        "addrs",
        addrs,
        "ticket",
        NodeTicket.of(addr));
    boolean late = addr.relay().isEmpty();
    AtomicBoolean told = new AtomicBoolean();
    Consumer<RelayStatus> online =
        status -> {
          if (status instanceof RelayStatus.Connected c && told.compareAndSet(false, true)) {
            NodeTicket ticket = NodeTicket.of(endpoint.addr());
            String human = "relay  " + c.url() + (late ? "\nticket " + ticket : "");
            out.event("online", human, "relay", c.url(), "ticket", ticket);
          }
        };
    online.accept(endpoint.homeRelay().get());
    endpoint.homeRelay().onChange(online);
  }

  /** A relay that refuses us is not waited for: the ticket names none. */
  private static boolean settled(RelayStatus status) {
    return status instanceof RelayStatus.Connected
        || status instanceof RelayStatus.Disabled
        || status instanceof RelayStatus.NotAuthorized;
  }

  /** A handler whose connections are told of when they come and when they end. */
  static ProtocolHandler told(
      Output out, Closings closings, Provenance provenance, ProtocolHandler handler) {
    return connection -> {
      out.event(
          "incoming",
          "incoming " + connection.remoteId() + " for " + connection.alpn(),
          "peer",
          connection.remoteId(),
          "alpn",
          connection.alpn());
      closings.watch(connection, provenance);
      handler.accept(connection);
    };
  }

  static void connected(
      Output out, Connection connection, Provenance provenance, PathInfo path, long ms) {
    List<String> foundBy = provenance.foundBy(connection);
    out.event(
        "connected",
        "connected to "
            + connection.remoteId().toShortString()
            + " in "
            + ms
            + " ms over "
            + Paths.type(path)
            + (foundBy.isEmpty() ? "" : ", found by " + String.join(", ", foundBy)),
        "peer",
        connection.remoteId(),
        "alpn",
        connection.alpn(),
        "ms",
        ms,
        "path",
        Paths.json(connection, provenance, path),
        "identity",
        connection.identityForm(),
        "foundBy",
        foundBy);
  }

  static void closed(Output out, Connection connection, Provenance provenance, CloseReason reason) {
    boolean ours = connection.dialled() && reason.by().equals("us");
    out.event(
        "closed",
        ours ? null : "closed " + connection.remoteId().toShortString() + " " + reason.describe(),
        "peer",
        connection.remoteId(),
        "code",
        reason.code(),
        "reason",
        reason.text(),
        "by",
        reason.by(),
        "provenance",
        provenance.first(connection, connection.path()));
  }
}
