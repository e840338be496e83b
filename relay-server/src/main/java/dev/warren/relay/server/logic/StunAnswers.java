package dev.warren.relay.server.logic;

import dev.warren.base.stun.StunAttribute;
import dev.warren.base.stun.StunFormatException;
import dev.warren.base.stun.StunMessage;
import dev.warren.base.stun.StunWriter;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * What a STUN server without credentials says (RFC 8489 section 6.3): the sender's address to a
 * binding request, the names of what it does not understand, or nothing. Stateless.
 */
public final class StunAnswers {
  /** A STUN message fits one packet of any network (RFC 8489 section 6.1). */
  private static final int LONGEST = 1280;

  /** Known attributes of RFC 8489; those of authentication mean nothing to a server without any. */
  private static final Set<Integer> KNOWN =
      Set.of(
          StunAttribute.MAPPED_ADDRESS,
          StunAttribute.USERNAME,
          StunAttribute.MESSAGE_INTEGRITY,
          StunAttribute.ERROR_CODE,
          StunAttribute.UNKNOWN_ATTRIBUTES,
          StunAttribute.REALM,
          StunAttribute.NONCE,
          StunAttribute.MESSAGE_INTEGRITY_SHA256,
          StunAttribute.PASSWORD_ALGORITHM,
          StunAttribute.USERHASH,
          StunAttribute.XOR_MAPPED_ADDRESS);

  /** {@code 4} and {@code 20}, for 420 (RFC 8489 section 14.8); the reason phrase may be empty. */
  private static final byte[] UNKNOWN_ATTRIBUTE = {0, 0, 4, 20};

  private static final byte[] NONE = {};

  private StunAnswers() {}

  /** The answer to a datagram; empty if it gets none. */
  public static byte[] to(ByteBuffer datagram, InetSocketAddress from) {
    if (datagram.remaining() > LONGEST || from.getPort() == 0) {
      return NONE;
    }
    StunMessage request;
    try {
      request = StunMessage.parse(datagram);
    } catch (StunFormatException e) {
      return NONE;
    }
    if (request.type() != StunMessage.BINDING_REQUEST) {
      return NONE;
    }
    List<Integer> unknown =
        request.attributes().stream()
            .filter(a -> a.isComprehensionRequired() && !KNOWN.contains(a.type()))
            .map(StunAttribute::type)
            .distinct()
            .toList();
    return unknown.isEmpty()
        ? StunMessage.bindingSuccess(request.transaction(), from)
        : notUnderstood(request.transaction(), unknown);
  }

  private static byte[] notUnderstood(byte[] transaction, List<Integer> types) {
    ByteBuffer names = ByteBuffer.allocate(2 * types.size());
    types.forEach(type -> names.putShort(type.shortValue()));
    return new StunWriter(StunMessage.BINDING_ERROR, transaction)
        .attribute(StunAttribute.ERROR_CODE, UNKNOWN_ATTRIBUTE)
        .attribute(StunAttribute.UNKNOWN_ATTRIBUTES, names.array())
        .bytes();
  }
}
