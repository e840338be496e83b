package dev.warren.base;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.PostcardException;
import dev.warren.base.wire.PostcardReader;
import dev.warren.base.wire.PostcardWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A ticket of iroh 1.x (addresses-and-tickets sections 7 and 8).
 *
 * <pre>
 * "endpoint" || base32( 00 || id[32] || varint n || n * transport address )
 * transport address := 00 str(url) | 01 address | 02 varint(id) blob
 * blob              := 00 size[1] bytes[30] | 01 varint(len) bytes
 * </pre>
 *
 * Custom addresses are written in the form of 1.0; 1.4 writes one byte string instead, which cannot
 * be told apart reliably, and nothing in the field carries them yet. Of several relays the first
 * counts.
 */
public record EndpointTicket(NodeAddr addr) implements Ticket {
  static final String PREFIX = "endpoint";

  private static final int INLINE = 30;

  /** The order in which tickets hold them. */
  static final Comparator<TransportAddr.Custom> CUSTOM_ORDER =
      Comparator.<TransportAddr.Custom, Long>comparing(
              TransportAddr.Custom::id, Long::compareUnsigned)
          .thenComparing(c -> c.data().length > INLINE)
          .thenComparingInt(c -> c.data().length)
          .thenComparing(TransportAddr.Custom::data, Arrays::compareUnsigned);

  public static EndpointTicket of(NodeAddr addr) {
    return new EndpointTicket(addr);
  }

  /** Reads this kind only; {@link Ticket#parse} takes both. */
  public static EndpointTicket parse(String text) throws TicketParseException {
    return new EndpointTicket(TicketText.decode(PREFIX, text, EndpointTicket::read));
  }

  private static NodeAddr read(PostcardReader in)
      throws PostcardException, KeyParseException, RelayUrlParseException {
    NodeAddr addr = NodeAddr.of(NodeId.ofBytes(in.take(NodeId.LENGTH)));
    List<InetSocketAddress> direct = new ArrayList<>();
    List<TransportAddr.Custom> custom = new ArrayList<>();
    int n = in.count(2);
    for (int i = 0; i < n; i++) {
      long kind = in.varint(32);
      if (kind == 0) {
        RelayUrl url = RelayUrl.parse(in.string());
        addr = addr.relay().isPresent() ? addr : addr.withRelay(url);
      } else if (kind == 1) {
        direct.add(SocketAddrs.read(in));
      } else if (kind == 2) {
        custom.add(new TransportAddr.Custom(in.varint(64), blob(in)));
      } else {
        throw new PostcardException("transport address of unknown kind " + kind);
      }
    }
    return addr.withIps(direct).withCustom(custom);
  }

  private static byte[] blob(PostcardReader in) throws PostcardException {
    long form = in.varint(32);
    if (form == 1) {
      return in.byteString();
    }
    int size = in.u8();
    if (form != 0 || size > INLINE) {
      throw new PostcardException("custom address of unknown form");
    }
    return Arrays.copyOf(in.take(INLINE), size);
  }

  byte[] toBytes() {
    PostcardWriter out = new PostcardWriter().varint(0).raw(addr.id().toBytes());
    out.varint(addr.addrs().size());
    addr.relay().ifPresent(url -> out.varint(0).string(url.toString()));
    for (InetSocketAddress a : addr.direct()) {
      out.varint(1);
      SocketAddrs.write(out, a);
    }
    addr.custom().forEach(c -> write(out, c));
    return out.toBytes();
  }

  private static void write(PostcardWriter out, TransportAddr.Custom custom) {
    byte[] data = custom.data();
    out.varint(2).varint(custom.id());
    if (data.length <= INLINE) {
      out.varint(0).u8(data.length).raw(Arrays.copyOf(data, INLINE));
    } else {
      out.varint(1).byteString(data);
    }
  }

  /** The text that people pass on. */
  @Override
  public String toString() {
    return PREFIX + Base32.encode(toBytes());
  }
}
