package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.core.logic.CloseReasons;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Words for every way in which a dial can fail: what was tried, and what to do. Stateless. */
final class ConnectFailures {
  /** The end of a handshake that never became a connection. */
  PeerException handshake(
      QuicConnection connection,
      @Nullable QuicConnectionCloseEvent event,
      Optional<TlsContexts.Rejection> rejection,
      CloseReason reason) {
    if (rejection.isPresent()) {
      return identity(connection, rejection);
    }
    NodeId peer = connection.handshake().expected().orElse(null);
    String name = peer == null ? "the peer" : peer.toShortString();
    if (event != null && event.error() == CloseReasons.NO_APPLICATION_PROTOCOL) {
      return new PeerConnectException(
          Kind.ALPN,
          peer,
          name
              + " speaks none of the protocols offered: "
              + connection.handshake().offered().map(Alpn::toString).orElse("?"));
    }
    if (CloseReasons.isCrypto(event)) {
      return new PeerConnectException(
          Kind.IDENTITY,
          peer,
          name
              + " refused the TLS handshake (alert "
              + (event.error() - CloseReasons.CRYPTO_ERROR)
              + "): it does not accept our form of identity");
    }
    if (event != null) {
      boolean refused = event.error() == CloseReasons.CONNECTION_REFUSED;
      return new PeerConnectException(
          refused || event.isApplicationClose() ? Kind.REFUSED : Kind.PROTOCOL,
          peer,
          name + " refused the connection" + suffix(CloseReasons.text(event), event.error()));
    }
    if (reason instanceof CloseReason.TimedOut) {
      return new PeerConnectException(
          Kind.UNREACHABLE,
          peer,
          name + " did not answer: " + connection.peer().describeAttempts());
    }
    return new PeerConnectException(
        Kind.CLOSED, peer, "the connection to " + name + " was closed before it was established");
  }

  private static String suffix(String text, int code) {
    return text.isEmpty() ? " (code " + code + ")" : " (code " + code + "): " + text;
  }

  PeerException identity(QuicConnection connection, Optional<TlsContexts.Rejection> rejection) {
    NodeId expected = connection.handshake().expected().orElse(null);
    Optional<NodeId> shown = rejection.flatMap(TlsContexts.Rejection::shown);
    if (expected != null && shown.isPresent()) {
      return new PeerConnectException(
          Kind.IDENTITY,
          expected,
          "dialled "
              + expected.toShortString()
              + " but "
              + shown.get().toShortString()
              + " answered: the address belongs to another node, ask the peer for a new ticket");
    }
    String why = rejection.map(TlsContexts.Rejection::reason).orElse("no valid certificate");
    return new PeerConnectException(
        Kind.IDENTITY,
        expected,
        (expected == null ? "the peer" : expected.toShortString())
            + " did not prove its identity: "
            + why);
  }

  /** The connect timeout passed. */
  PeerException timeout(NodeId peer, Duration limit, String attempts) {
    return new PeerConnectException(
        Kind.UNREACHABLE,
        peer,
        peer.toShortString() + " did not answer within " + seconds(limit) + ": " + attempts);
  }

  private static String seconds(Duration limit) {
    return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
  }
}
