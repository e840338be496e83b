package dev.warren.base;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.PostcardException;
import dev.warren.base.wire.PostcardReader;

/** What both kinds of ticket share: prefix, base32, variant 0, then the body. */
final class TicketText {
  private TicketText() {}

  /** Reads the address inside a ticket. */
  @FunctionalInterface
  interface Body {
    NodeAddr read(PostcardReader in)
        throws PostcardException, KeyParseException, RelayUrlParseException, TicketParseException;
  }

  /** Trailing bytes are ignored. */
  static NodeAddr decode(String prefix, String text, Body body) throws TicketParseException {
    if (text.length() > Ticket.MAX_LENGTH) {
      throw new TicketParseException(
          "the ticket has "
              + text.length()
              + " characters; at most "
              + Ticket.MAX_LENGTH
              + " are taken");
    }
    if (!text.startsWith(prefix)) {
      throw new TicketParseException(
          "a ticket begins with \"node\" or \"endpoint\", this one with \""
              + text.substring(0, Math.min(10, text.length()))
              + "\"");
    }
    try {
      PostcardReader in = new PostcardReader(Base32.decodeAnyCase(text.substring(prefix.length())));
      long variant = in.varint(32);
      if (variant != 0) {
        throw new TicketParseException("the ticket is of unknown variant " + variant);
      }
      return body.read(in);
    } catch (IllegalArgumentException e) {
      throw new TicketParseException("the ticket is malformed after its prefix: " + e.getMessage());
    } catch (PostcardException | KeyParseException | RelayUrlParseException e) {
      throw new TicketParseException("the ticket's content is malformed: " + e.getMessage());
    }
  }
}
