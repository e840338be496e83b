package dev.warren.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.wire.Base32;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Letters that become others when their case is changed. */
class KeyTextTest {
  private static final String KELVIN = "\u212a";

  @Test
  void aKelvinSignIsNotTheLetterK() throws Exception {
    NodeId id = NodeId.parse("ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6");
    String text = Base32.encode(id.toBytes()).toUpperCase(Locale.ROOT);
    assertThat(text).contains("K");
    assertThat(NodeId.parse(text)).isEqualTo(id);
    assertThatThrownBy(() -> NodeId.parse(text.replace("K", KELVIN)))
        .isInstanceOf(KeyParseException.class);
    assertThatThrownBy(() -> SecretKey.parse(text.replace("K", KELVIN)))
        .isInstanceOf(KeyParseException.class);
    String ticket = NodeTicket.of(NodeAddr.of(id)).toString();
    assertThatThrownBy(() -> Ticket.parse(ticket.replace("k", KELVIN)))
        .isInstanceOf(TicketParseException.class);
  }
}
