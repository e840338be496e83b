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
 * connection, until it is let in. Event loop only, where it says nothing else.
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

  /** What came of checking a proof. */
  record Verdict(@Nullable NodeId id, boolean malformed) {
    /** It proves nothing. */
    static final Verdict NONE = new Verdict(null, false);

    /** It is not even a proof. */
    static final Verdict MALFORMED = new Verdict(null, true);

    static Verdict of(Optional<NodeId> proved) {
      return proved.map(id -> new Verdict(id, false)).orElse(NONE);
    }
  }

  /**
   * What the upgrade itself proves: by a header that is bound to this TLS session (A5.4). None, and
   * the client has to be challenged, if there is another TLS session in between, if this one gives
   * no key material out, or if the signature is wrong. Any thread; takes a moment.
   */
  static Verdict byHeader(String header, @Nullable SSLSession session) {
    try {
      ExporterProof proof = ExporterProof.decode(header);
      return session == null
          ? Verdict.NONE
          : Verdict.of(
              TlsExporter.material(session, proof.id())
                  .filter(proof::isValidFor)
                  .map(m -> proof.id()));
    } catch (IllegalArgumentException unreadable) {
      return Verdict.MALFORMED;
    }
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

  /** The client's first frame as {@link #verify} wants it, if it may be a proof. */
  Optional<byte[]> proof(int type, ByteBuf buffer, int at, int length) {
    int expected = dialect.isLegacy() ? LegacyFrames.CLIENT_INFO : RelayFrames.CLIENT_AUTH;
    if (type != expected || length >= MAX_FRAME) {
      return Optional.empty();
    }
    byte[] frame = new byte[1 + length];
    frame[0] = (byte) type;
    buffer.getBytes(at, frame, 1, length);
    return Optional.of(frame);
  }

  /** What that frame proves. Any thread; takes a moment. */
  Verdict verify(byte[] frame) {
    return Verdict.of(
        dialect.isLegacy()
            ? ClientInfo.verify(frame)
                .filter(i -> i.version() == ClientInfo.VERSION)
                .map(ClientInfo::id)
            : Handshake.verify(frame, challenge));
  }
}
