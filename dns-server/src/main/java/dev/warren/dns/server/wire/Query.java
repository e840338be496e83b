package dev.warren.dns.server.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A DNS query, as far as a server that does not recurse has to understand it (RFC 1035 section 4,
 * RFC 6891). Immutable; arrays belong to it and must not be changed.
 *
 * @param id to be sent back
 * @param flags the second and third pair of bytes of the header
 * @param question name, type and class as they came; empty if they could not be read
 * @param name the question's name in lower case
 * @param edns what the OPT record says; null without one
 * @param fault {@link Rcode#NOERROR} if the query can be answered, else the code to answer with
 */
public record Query(
    int id,
    int flags,
    byte[] question,
    byte[] name,
    int type,
    int dnsClass,
    @Nullable Edns edns,
    int fault) {

  /**
   * The OPT record of a query.
   *
   * @param payload bytes of a datagram that the client can take
   * @param dnssecOk whether the client asks for DNSSEC records
   */
  public record Edns(int payload, int version, boolean dnssecOk) {}

  /** Bytes of a header. */
  public static final int HEADER = 12;

  private static final int RESPONSE = 0x8000;
  private static final int OPCODE = 0x7800;
  private static final int UPDATE = 5 << 11;
  private static final int DNSSEC_OK = 0x8000;
  private static final byte[] NONE = {};

  /** What an OPT record or any other has before its data: type, class, TTL, length. */
  private static final int FIXED = 10;

  /**
   * Reads a query; null if it gets no answer at all: it has no header, or it is an answer itself
   * (to answer those would let two servers talk for ever). Consumes nothing.
   */
  public static @Nullable Query read(ByteBuf in) {
    int start = in.readerIndex();
    if (in.readableBytes() < HEADER) {
      return null;
    }
    int flags = in.getUnsignedShort(start + 2);
    return (flags & RESPONSE) != 0 ? null : new Reader(in, start, flags).read();
  }

  public boolean isRecursionDesired() {
    return (flags & 0x0100) != 0;
  }

  /** Most bytes of an answer in a datagram: 512 without EDNS (RFC 1035 section 2.3.4). */
  public int datagramLimit() {
    return edns == null ? 512 : Math.max(512, edns.payload());
  }

  /** One reading. */
  private static final class Reader {
    private final ByteBuf in;
    private final int start;
    private final int id;
    private final int flags;
    private byte[] question = NONE;
    private byte[] name = {0};
    private int type;
    private int dnsClass;
    private @Nullable Edns edns;
    private boolean malformed;

    Reader(ByteBuf in, int start, int flags) {
      this.in = in;
      this.start = start;
      this.id = in.getUnsignedShort(start);
      this.flags = flags;
    }

    Query read() {
      int opcode = flags & OPCODE;
      if (opcode != 0 && opcode != UPDATE) {
        return query(Rcode.NOTIMP);
      }
      int at = question();
      if (at < 0) {
        return query(Rcode.FORMERR);
      }
      if (opcode == UPDATE) {
        return query(type == RecordType.SOA ? Rcode.NOTIMP : Rcode.FORMERR);
      }
      records(at);
      if (malformed) {
        return query(Rcode.FORMERR);
      }
      return query(edns != null && edns.version() > 0 ? Rcode.BADVERS : Rcode.NOERROR);
    }

    /** The index behind the one question, or -1. */
    private int question() {
      int length = WireName.length(in, start + HEADER);
      int end = start + HEADER + length + 4;
      if (count(4) != 1 || length < 0 || end > in.writerIndex()) {
        return -1;
      }
      question = new byte[length + 4];
      in.getBytes(start + HEADER, question);
      byte[] asked = new byte[length];
      System.arraycopy(question, 0, asked, 0, length);
      name = WireName.lower(asked);
      type = in.getUnsignedShort(end - 4);
      dnsClass = in.getUnsignedShort(end - 2);
      return end;
    }

    private int count(int at) {
      return in.getUnsignedShort(start + at);
    }

    /** Each takes eleven bytes or more, so a count that is a lie ends with the message. */
    private void records(int from) {
      int before = count(6) + count(8);
      int all = before + count(10);
      int at = from;
      for (int i = 0; i < all && !malformed; i++) {
        at = record(at, i >= before);
      }
    }

    private int record(int at, boolean additional) {
      int fixed = WireName.skip(in, start, at);
      if (fixed < 0 || fixed + FIXED > in.writerIndex()) {
        malformed = true;
        return at;
      }
      int end = fixed + FIXED + in.getUnsignedShort(fixed + 8);
      if (end > in.writerIndex()) {
        malformed = true;
      } else if (in.getUnsignedShort(fixed) == RecordType.OPT) {
        // One, of the root, in the additional section (RFC 6891 section 6.1.1).
        malformed = edns != null || !additional || fixed != at + 1;
        edns =
            new Edns(
                in.getUnsignedShort(fixed + 2),
                in.getUnsignedByte(fixed + 5),
                (in.getUnsignedShort(fixed + 6) & DNSSEC_OK) != 0);
      }
      return end;
    }

    private Query query(int fault) {
      return new Query(id, flags, question, name, type, dnsClass, edns, fault);
    }
  }
}
