package dev.warren.dns.server.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Puts an {@link Answer} around the question of a query (RFC 1035 section 4). Stateless. */
public final class ResponseWriter {
  /** Most bytes of a message over TCP and HTTP. */
  public static final int STREAM_LIMIT = 65_535;

  /** Of the query's flags the opcode, RD and CD come back. */
  private static final int KEPT = 0x7910;

  private static final int RESPONSE = 0x8000;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int TRUNCATED = 0x0200;

  /** The root, type, class, TTL, no data. */
  private static final int OPT_LENGTH = 11;

  private ResponseWriter() {}

  /**
   * A whole response. One that would be longer than {@code limit} has no records, and says that it
   * is truncated: clients ask again over TCP.
   *
   * @return a new buffer, for the caller to release
   */
  public static ByteBuf write(Query query, Answer answer, int limit, ByteBufAllocator allocator) {
    int opt = query.edns() == null ? 0 : OPT_LENGTH;
    int base = Query.HEADER + query.question().length + opt;
    int whole = base + answer.answers().length + answer.authority().length;
    boolean cut = whole > limit;
    ByteBuf out = allocator.directBuffer(cut ? base : whole);
    out.writeShort(query.id());
    out.writeShort(
        RESPONSE
            | query.flags() & KEPT
            | (answer.authoritative() ? AUTHORITATIVE : 0)
            | (cut ? TRUNCATED : 0)
            | answer.rcode() & 0xf);
    out.writeShort(query.question().length == 0 ? 0 : 1);
    out.writeShort(cut ? 0 : answer.answerCount());
    out.writeShort(cut ? 0 : answer.authorityCount());
    out.writeShort(opt == 0 ? 0 : 1);
    out.writeBytes(query.question());
    if (!cut) {
      out.writeBytes(answer.answers());
      out.writeBytes(answer.authority());
    }
    if (opt != 0) {
      writeOpt(out, query, answer.rcode());
    }
    return out;
  }

  /** Our own version, 0; the client's size and DO come back (dns-server section 6.1, RFC 3225). */
  private static void writeOpt(ByteBuf out, Query query, int rcode) {
    Query.Edns edns = query.edns();
    out.writeByte(0);
    out.writeShort(RecordType.OPT);
    out.writeShort(query.datagramLimit());
    out.writeByte(rcode >> 4);
    out.writeByte(0);
    out.writeShort(edns != null && edns.dnssecOk() ? 0x8000 : 0);
    out.writeShort(0);
  }
}
