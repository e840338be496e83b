package dev.warren.base;

import dev.warren.base.wire.Hex;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    /** Lower case and no leading zeros: one address has one text. */
    private static final Pattern TEXT = Pattern.compile("(0|[1-9a-f][0-9a-f]{0,15})_");

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
      Matcher form = TEXT.matcher(text);
      if (!form.lookingAt()) {
        throw new TicketParseException(
            "a custom address is an id in hex, an underscore, and hex data");
      }
      try {
        return new Custom(
            Long.parseUnsignedLong(form.group(1), 16), Hex.decode(text.substring(form.end())));
      } catch (IllegalArgumentException e) {
        throw new TicketParseException("the custom address is malformed: " + e.getMessage());
      }
    }
  }
}
