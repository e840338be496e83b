package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import dev.warren.relay.client.wire.ClientInfo;
import dev.warren.relay.client.wire.ExporterProof;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.client.wire.TlsExporter;
import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who a client is, in the way of its dialect (relay-protocol sections A5 and B5). For one
 * connection, until it is let in. Event loop only.
 */
final class Authentication {
  /** What follows the 97 bytes of a ClientAuth is ignored, but not without end. */
  static final int MAX_FRAME = 1024;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Dialect dialect;
  private byte @Nullable [] challenge;

  Authentication(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * The id that the upgrade itself has proved: by a header that is bound to this TLS session
   * (A5.4). Empty where the client has to be challenged: without such a header, if there is another
   * TLS session in between, if this one gives no key material out, or if the signature is wrong.
   *
   * @throws IllegalArgumentException if the header cannot be read
   */
  static Optional<NodeId> byHeader(Optional<String> header, @Nullable SSLSession session) {
    if (header.isEmpty()) {
      return Optional.empty();
    }
    ExporterProof proof = ExporterProof.decode(header.get());
    return session == null
        ? Optional.empty()
        : TlsExporter.material(session, proof.id()).filter(proof::isValidFor).map(m -> proof.id());
  }

  /** The payload of the frame by which the relay speaks first; empty if the client does. */
  Optional<byte[]> challenge() {
    if (dialect.isLegacy()) {
      return Optional.empty();
    }
    byte[] fresh = new byte[Handshake.CHALLENGE];
    RANDOM.nextBytes(fresh);
    challenge = fresh;
    return Optional.of(fresh);
  }

  /** The id that the client's first frame proves, if it does. */
  Optional<NodeId> verify(int type, ByteBuf buffer, int at, int length) {
    int expected = dialect.isLegacy() ? LegacyFrames.CLIENT_INFO : RelayFrames.CLIENT_AUTH;
    if (type != expected || length >= MAX_FRAME) {
      return Optional.empty();
    }
    byte[] frame = new byte[1 + length];
    frame[0] = (byte) type;
    buffer.getBytes(at, frame, 1, length);
    return dialect.isLegacy()
        ? ClientInfo.verify(frame).filter(i -> i.version() == ClientInfo.VERSION).map(i -> i.id())
        : Handshake.verify(frame, challenge);
  }
}
