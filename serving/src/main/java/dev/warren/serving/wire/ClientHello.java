package dev.warren.serving.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS client says first (RFC 8446 section 4.1.2), as far as a server needs it to choose a
 * certificate. Immutable.
 *
 * @param serverName the host name of SNI (RFC 6066), in lower case
 * @param protocols the client's ALPN (RFC 7301), in its order
 */
public record ClientHello(Optional<String> serverName, List<String> protocols) {
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;
  private static final int HOST_NAME = 0;

  /**
   * Reads the body of a ClientHello: what follows the four bytes of the handshake header. Consumes
   * nothing. What is malformed reads as missing: TLS itself will refuse it.
   */
  public static ClientHello read(ByteBuf body) {
    ByteBuf in = body.slice();
    Optional<String> name = Optional.empty();
    List<String> protocols = List.of();
    ByteBuf extensions = extensions(in);
    while (extensions != null && extensions.readableBytes() >= 4) {
      int type = extensions.readUnsignedShort();
      ByteBuf value = vector(extensions, 2);
      if (value == null) {
        break;
      }
      if (type == SERVER_NAME) {
        name = serverName(value);
      } else if (type == ALPN) {
        protocols = protocols(value);
      }
    }
    return new ClientHello(name, protocols);
  }

  /** Behind version and random come session id, cipher suites, compression methods. */
  private static @Nullable ByteBuf extensions(ByteBuf in) {
    if (in.readableBytes() < 34) {
      return null;
    }
    in.skipBytes(34);
    return vector(in, 1) == null || vector(in, 2) == null || vector(in, 1) == null
        ? null
        : vector(in, 2);
  }

  /** The bytes after a length of {@code size} bytes; null if they are not all there. */
  private static @Nullable ByteBuf vector(ByteBuf in, int size) {
    if (in.readableBytes() < size) {
      return null;
    }
    int length = size == 1 ? in.readUnsignedByte() : in.readUnsignedShort();
    return in.readableBytes() < length ? null : in.readSlice(length);
  }

  private static Optional<String> serverName(ByteBuf value) {
    ByteBuf list = vector(value, 2);
    if (list == null || !list.isReadable() || list.readUnsignedByte() != HOST_NAME) {
      return Optional.empty();
    }
    return Optional.ofNullable(vector(list, 2))
        .map(name -> name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT));
  }

  private static List<String> protocols(ByteBuf value) {
    List<String> protocols = new ArrayList<>();
    ByteBuf list = vector(value, 2);
    while (list != null && list.isReadable()) {
      ByteBuf protocol = vector(list, 1);
      if (protocol == null) {
        break;
      }
      protocols.add(protocol.toString(StandardCharsets.US_ASCII));
    }
    return List.copyOf(protocols);
  }
}
