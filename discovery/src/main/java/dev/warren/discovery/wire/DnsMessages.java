package dev.warren.discovery.wire;

import java.io.IOException;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;

/**
 * Reads DNS messages that strangers send. dnsjava reads the records; what it is lenient about, and
 * the exceptions that it does not declare, end here. Stateless.
 */
public final class DnsMessages {
  private static final int HEADER = 12;

  /** The root name, type, class. */
  private static final int SHORTEST_QUESTION = 5;

  /** The root name, type, class, TTL, length. */
  private static final int SHORTEST_RECORD = 11;

  /** The one bit of the header without a meaning (RFC 6895 section 2). */
  private static final int RESERVED = 0x40;

  private static final int TRUNCATED = 0x02;

  private DnsMessages() {}

  /**
   * Reads a whole message. One that says it is truncated may end in the middle of a record: what is
   * complete is returned.
   *
   * @throws DnsFormatException if it is malformed
   */
  public static Message parse(byte[] bytes) throws DnsFormatException {
    checkHeader(bytes);
    try {
      return new Message(bytes);
    } catch (IOException | RuntimeException e) {
      // Its record classes throw more than they declare.
      throw new DnsFormatException("malformed: " + e.getMessage());
    }
  }

  /**
   * The same for a message that is stored and must be whole, whatever its flags say.
   *
   * @throws DnsFormatException if it is malformed or incomplete
   */
  static Message parseWhole(byte[] bytes) throws DnsFormatException {
    Message message = parse(bytes);
    if (message.getHeader().getFlag(Flags.TC)) {
      byte[] unmarked = bytes.clone();
      unmarked[2] &= ~TRUNCATED;
      parse(unmarked);
    }
    return message;
  }

  /** Before dnsjava reserves room for as many records as the header claims. */
  private static void checkHeader(byte[] bytes) throws DnsFormatException {
    if (bytes.length < HEADER) {
      throw new DnsFormatException("a DNS message has 12 bytes or more, not " + bytes.length);
    }
    if ((bytes[3] & RESERVED) != 0) {
      throw new DnsFormatException("the reserved bit of the header is set");
    }
    long least =
        (long) count(bytes, 4) * SHORTEST_QUESTION
            + (long) (count(bytes, 6) + count(bytes, 8) + count(bytes, 10)) * SHORTEST_RECORD;
    if (least > bytes.length - HEADER && (bytes[2] & TRUNCATED) == 0) {
      throw new DnsFormatException("more records are announced than the message has room for");
    }
  }

  private static int count(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }
}
