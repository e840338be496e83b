package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.domains.Domain;

/** Tickets of both kinds. */
@Domain(Inputs.class)
@Domain(net.jqwik.api.domains.DomainContext.Global.class)
class TicketProperties {
  @Provide
  Arbitrary<String> texts() {
    return HostileInput.text(
        Inputs.ticketBytes().stream().map(b -> Inputs.text("node", b)).toArray(String[]::new));
  }

  @Provide
  Arbitrary<byte[]> contents() {
    return HostileInput.bytes(Inputs.ticketBytes().toArray(byte[][]::new));
  }

  @Property(tries = 300)
  void anAddressComesBackFromItsTickets(@ForAll NodeAddr addr) throws Exception {
    assertThat(Ticket.parse(EndpointTicket.of(addr).toString()).addr()).isEqualTo(addr);
    NodeAddr old = Ticket.parse(NodeTicket.of(addr).toString()).addr();
    assertThat(old.id()).isEqualTo(addr.id());
    assertThat(old.relay()).isEqualTo(addr.relay());
    assertThat(old.direct()).isEqualTo(addr.direct());
  }

  @Property(tries = 400)
  void anyTextIsATicketOrIsRefused(@ForAll("texts") String text) throws Exception {
    check(text);
  }

  /** What is inside the base32: any change of the text alone is mostly refused before that. */
  @Property(tries = 600)
  void anyContentIsATicketOrIsRefused(@ForAll("contents") byte[] content) throws Exception {
    check(Inputs.text("node", content));
    check(Inputs.text("endpoint", content));
  }

  static void check(String text) throws Exception {
    Bounded.run(
        Inputs.MEMORY,
        () -> {
          try {
            Ticket ticket = Ticket.parse(text);
            assertThat(Ticket.parse(ticket.toString())).isEqualTo(ticket);
          } catch (TicketParseException refused) {
            assertThat(refused.getMessage().length()).isLessThan(300);
          }
        });
  }
}
