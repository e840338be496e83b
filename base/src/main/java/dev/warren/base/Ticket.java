package dev.warren.base;

/** A node's address as one word that people can pass on, of either generation. */
public sealed interface Ticket permits NodeTicket, EndpointTicket {
  /** Longest text that is read: far above any real ticket, far below a denial of service. */
  int MAX_LENGTH = 16 * 1024;

  NodeAddr addr();

  /** Reads either kind by its prefix. */
  static Ticket parse(String text) throws TicketParseException {
    return text.startsWith(EndpointTicket.PREFIX)
        ? EndpointTicket.parse(text)
        : NodeTicket.parse(text);
  }
}
