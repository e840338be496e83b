package dev.warren.base;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.PostcardException;
import dev.warren.base.wire.PostcardReader;
import dev.warren.base.wire.PostcardWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A ticket of iroh 0.35 (addresses-and-tickets sections 5 and 6).
 *
 * <pre>
 * "node" || base32( 00 || id[32] || 00 | 01 str(relay) || varint n || n * address )
 * </pre>
 */
public record NodeTicket(NodeAddr addr) implements Ticket {
  static final String PREFIX = "node";

  /** Bytes of the shortest address: family, IPv4, one byte of port. */
  private static final int MIN_ADDRESS = 6;

  public static NodeTicket of(NodeAddr addr) {
    return new NodeTicket(addr);
  }

  /** Reads this kind only; {@link Ticket#parse} takes both. */
  public static NodeTicket parse(String text) throws TicketParseException {
    return new NodeTicket(TicketText.decode(PREFIX, text, NodeTicket::read));
  }

  private static NodeAddr read(PostcardReader in)
      throws PostcardException, KeyParseException, RelayUrlParseException {
    NodeAddr addr = NodeAddr.of(NodeId.ofBytes(in.take(NodeId.LENGTH)));
    if (in.bool()) {
      addr = addr.withRelay(RelayUrl.parse(in.string()));
    }
    int n = in.count(MIN_ADDRESS);
    List<java.net.InetSocketAddress> direct = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      direct.add(SocketAddrs.read(in));
    }
    return addr.withIps(direct);
  }

  byte[] toBytes() {
    PostcardWriter out = new PostcardWriter().varint(0).raw(addr.id().toBytes());
    out.u8(addr.relay().isPresent() ? 1 : 0);
    addr.relay().ifPresent(url -> out.string(url.toString()));
    out.varint(addr.direct().size());
    addr.direct().forEach(a -> SocketAddrs.write(out, a));
    return out.toBytes();
  }

  /** The text that people pass on. */
  @Override
  public String toString() {
    return PREFIX + Base32.encode(toBytes());
  }
}
