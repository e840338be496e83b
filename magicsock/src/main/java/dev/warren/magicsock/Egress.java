package dev.warren.magicsock;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.io.UdpSocket;
import dev.warren.magicsock.logic.PathChoice;
import dev.warren.magicsock.logic.PathTable;
import dev.warren.magicsock.logic.UdpPath;
import io.netty.buffer.ByteBuf;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A datagram's way out: the peer's {@link PathTable} chooses, and each way chosen gets it. While a
 * direct path is trusted that is one field read and one write to a {@link UdpSocket}; a dial that
 * has no confirmed path yet goes out on the relay and on a few candidates at once.
 *
 * <p>What QUIC sends to an address that may not have it yet waits in {@link HeldBack}. Socket loop
 * only.
 */
final class Egress {
  private final MagicSocketMetrics metrics;
  private final RelayLinks relays;
  private final HeldBack<InetSocketAddress> heldBack =
      new HeldBack<>(Duration.ofMillis(500).toNanos());
  private final HeldBack<Peer> unheard = new HeldBack<>(Duration.ofSeconds(1).toNanos());
  private @Nullable UdpSocket v4;
  private @Nullable UdpSocket v6;
  private boolean closed;

  Egress(RelayLinks relays, MagicSocketMetrics metrics) {
    this.relays = relays;
    this.metrics = metrics;
  }

  /** Before anything is sent. */
  void sockets(SocketBinder.Bound bound) {
    v4 = bound.v4();
    v6 = bound.v6();
  }

  // ---- QUIC ----

  /** Sends a datagram, or a batch cut every {@code segmentSize} bytes. Takes ownership. */
  void transmit(Peer peer, ByteBuf data, int segmentSize, long now) {
    int n = data.readableBytes();
    PathChoice choice = peer.choice;
    RelayUrl relay = peer.relay();
    boolean batch = segmentSize > 0 && n > segmentSize;
    peer.table.choose(choice, batch ? segmentSize : n, batch, relay != null, now);
    if (!closed && choice.direct == null && peer.table.unheard(now)) {
      unheard.add(peer, data.retainedDuplicate(), segmentSize, now);
    }
    boolean sent = false;
    if (choice.tooLarge) {
      sent = sendTooLarge(peer, relay, choice, data.retain(), segmentSize, n, now);
    } else {
      for (int i = 0; i < choice.copies.size(); i++) {
        sent |= sendTo(peer, choice.copies.get(i), data.retainedDuplicate(), segmentSize, n, now);
      }
      if (choice.direct != null) {
        sent |= sendTo(peer, choice.direct, data.retainedDuplicate(), segmentSize, n, now);
      }
      if (choice.relay && relay != null) {
        sent |= sendByRelay(peer, relay, data.retain(), segmentSize, n, now);
      }
    }
    data.release();
    if (!sent) {
      metrics.count(Counter.SEND_UNREACHABLE);
    }
  }

  /** By the relay alone; without one that reaches the peer, in fragments. */
  private boolean sendTooLarge(
      Peer peer,
      @Nullable RelayUrl relay,
      PathChoice choice,
      ByteBuf data,
      int segmentSize,
      int n,
      long now) {
    metrics.count(Counter.SEND_TOO_LARGE);
    if (choice.relay && relay != null) {
      return sendByRelay(peer, relay, data, segmentSize, n, now);
    }
    UdpPath path = choice.direct;
    UdpSocket socket = socketFor(path.address);
    if (socket == null || !peer.table.admit(path, n, now)) {
      data.release();
      return false;
    }
    if (!socket.sendInFragments(path.address, data, segmentSize)) {
      metrics.count(Counter.SEND_UNWRITABLE);
      return false;
    }
    metrics.add(Counter.SEND_UDP, n);
    return true;
  }

  private boolean sendTo(Peer peer, UdpPath path, ByteBuf data, int segmentSize, int n, long now) {
    UdpSocket socket = socketFor(path.address);
    if (socket == null) {
      data.release();
      return false;
    }
    if (!peer.table.admit(path, n, now)) {
      metrics.count(Counter.SEND_UNPROVEN);
      if (closed) {
        data.release();
      } else {
        heldBack.add(path.address, data, segmentSize, now);
      }
      return true;
    }
    if (!socket.send(path.address, data, segmentSize)) {
      metrics.count(Counter.SEND_UNWRITABLE);
      return false;
    }
    metrics.add(Counter.SEND_UDP, n);
    return true;
  }

  private boolean sendByRelay(
      Peer peer, RelayUrl relay, ByteBuf data, int segmentSize, int n, long now) {
    peer.table.onRelaySent(now);
    Optional<NodeId> to = peer.id();
    if (to.isEmpty()) {
      data.release();
      return false;
    }
    if (!relays.send(relay, to.get(), data, segmentSize)) {
      return false;
    }
    peer.relaySent += n;
    metrics.add(Counter.SEND_RELAY, n);
    return true;
  }

  /** The address has answered: what waited for that goes out. */
  void sendHeldBack(Peer peer, UdpPath path, long now) {
    heldBack.release(
        path.address,
        now,
        held ->
            sendTo(peer, path, held.data(), held.segmentSize(), held.data().readableBytes(), now));
  }

  /** Another way to a peer is known: what it has perhaps never got goes out once more. */
  void sendAgain(Peer peer, long now) {
    unheard.release(peer, now, held -> transmit(peer, held.data(), held.segmentSize(), now));
    flush();
  }

  // ---- disco ----

  /** Sends a disco packet at once. Takes ownership; false if it may not or could not be sent. */
  boolean sendProbe(UdpPath path, ByteBuf packet) {
    UdpSocket socket = socketFor(path.address);
    int n = packet.readableBytes();
    if (socket == null || !path.mayAnswer(n)) {
      packet.release();
      return false;
    }
    path.countSent(n);
    boolean sent = socket.send(path.address, packet, 0);
    socket.flush();
    return sent;
  }

  /** Sends a disco packet by relay at once. Takes ownership; false if it could not be sent. */
  boolean sendProbeByRelay(RelayUrl relay, NodeId to, ByteBuf packet) {
    boolean sent = relays.send(relay, to, packet, 0);
    relays.flush();
    return sent;
  }

  // ---- STUN ----

  /** Sends a request at once. Takes ownership. */
  void sendStun(InetSocketAddress server, ByteBuf request) {
    UdpSocket socket = socketFor(server);
    if (socket == null || closed) {
      request.release();
      return;
    }
    socket.send(server, request, 0);
    socket.flush();
  }

  // ---- sockets ----

  /** Whether there is a socket of that family. */
  boolean has(boolean ipv4) {
    return (ipv4 ? v4 : v6) != null;
  }

  private @Nullable UdpSocket socketFor(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address ? v4 : v6;
  }

  /** Hands what was sent to the kernel. */
  void flush() {
    if (v4 != null) {
      v4.flush();
    }
    if (v6 != null) {
      v6.flush();
    }
    relays.flush();
  }

  void prune(long now) {
    heldBack.expire(now);
    unheard.expire(now);
  }

  /** Whether something is left to {@link #prune}. */
  boolean holdsBack() {
    return !heldBack.isEmpty() || !unheard.isEmpty();
  }

  /** Closes the sockets; completes when they are closed. */
  CompletableFuture<Void> close() {
    closed = true;
    heldBack.clear();
    unheard.clear();
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (UdpSocket socket : new UdpSocket[] {v4, v6}) {
      if (socket != null) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        ends.add(end);
        socket.channel().close().addListener(f -> end.complete(null));
      }
    }
    return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
  }
}
