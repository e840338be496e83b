package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.PostcardWriter;
import dev.warren.testlab.Bounded;
import org.junit.jupiter.api.Test;

/** Tickets as a stranger may have made them. */
class TicketTest {
  private static final NodeId ID = SecretKey.ofBytes(new byte[32]).nodeId();

  private static PostcardWriter endpointTicket(int addresses) {
    return new PostcardWriter().varint(0).raw(ID.toBytes()).varint(addresses);
  }

  private static String text(PostcardWriter ticket) {
    return "endpoint" + Base32.encode(ticket.toBytes());
  }

  @Test
  void customAddressesInAnyOrderAndTwiceAreTheSameTicket() throws Exception {
    PostcardWriter ticket = endpointTicket(3);
    for (int id : new int[] {2, 1, 2}) {
      ticket.varint(2).varint(id).varint(1).byteString(new byte[] {7});
    }
    NodeAddr addr = Ticket.parse(text(ticket)).addr();
    assertThat(addr.addrs()).extracting(Object::toString).containsExactly("1_07", "2_07");
    assertThat(Ticket.parse(EndpointTicket.of(addr).toString()).addr()).isEqualTo(addr);
  }

  /** Adding each to an immutable address would copy it 1400 times. */
  @Test
  void aTicketFullOfAddressesIsReadInOneGo() throws Exception {
    int n = 1400;
    PostcardWriter ticket = endpointTicket(n);
    for (int i = 0; i < n; i++) {
      ticket.varint(1).varint(0).raw(new byte[] {10, 0, (byte) (i >> 8), (byte) i}).varint(1);
    }
    String text = text(ticket);
    assertThat(text.length()).isLessThan(Ticket.MAX_LENGTH);
    Bounded.run(8 << 20, () -> assertThat(Ticket.parse(text).addr().direct()).hasSize(n));
  }
}
