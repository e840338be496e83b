package dev.warren.base;

import dev.warren.base.wire.Hex;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** One way to reach a node. */
public sealed interface TransportAddr {
  /** UDP. */
  record Ip(InetSocketAddress address) implements TransportAddr {
    @Override
    public String toString() {
      return SocketAddrs.toString(address);
    }
  }

  /** Through a relay. */
  record Relay(RelayUrl url) implements TransportAddr {
    @Override
    public String toString() {
      return url.toString();
    }
  }

  /** A transport that the application adds: an id and bytes that only it understands. */
  record Custom(long id, byte[] data) implements TransportAddr {
    public Custom {
      data = data.clone();
    }

    @Override
    public byte[] data() {
      return data.clone();
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Custom other && id == other.id && Arrays.equals(data, other.data);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(id) * 31 + Arrays.hashCode(data);
    }

    /** Id and data in hex, joined by an underscore (addresses-and-tickets section 7). */
    @Override
    public String toString() {
      return Long.toHexString(id) + "_" + Hex.encode(data);
    }

    /** The inverse of {@link #toString()}. */
    public static Custom parse(String text) throws TicketParseException {
      int at = text.indexOf('_');
      if (at < 1 || at > 16) {
        throw new TicketParseException(
            "a custom address is an id in hex, an underscore, and hex data");
      }
      try {
        return new Custom(
            Long.parseUnsignedLong(text.substring(0, at), 16), Hex.decode(text.substring(at + 1)));
      } catch (IllegalArgumentException e) {
        throw new TicketParseException("the custom address is malformed: " + e.getMessage());
      }
    }
  }
}
