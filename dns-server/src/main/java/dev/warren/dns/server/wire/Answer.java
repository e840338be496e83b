package dev.warren.dns.server.wire;

/**
 * What is answered to a query, before it is put around the question. Records are encoded, with
 * pointers into the question that they are for. Immutable; arrays must not be changed.
 *
 * @param rcode of {@link Rcode}
 * @param authoritative whether the server speaks for the name
 * @param answers records of the answer section
 * @param authority records of the authority section
 */
public record Answer(
    int rcode,
    boolean authoritative,
    int answerCount,
    byte[] answers,
    int authorityCount,
    byte[] authority) {
  private static final byte[] NONE = {};

  /** No records, and not for us to say. */
  public static Answer error(int rcode) {
    return new Answer(rcode, false, 0, NONE, 0, NONE);
  }

  /** Records of a name that is ours. */
  public static Answer of(int count, byte[] records) {
    return new Answer(Rcode.NOERROR, true, count, records, 0, NONE);
  }

  /** Nothing of that type, or nothing at all, for as long as the SOA record says (RFC 2308). */
  public static Answer negative(int rcode, byte[] soa) {
    return new Answer(rcode, true, 0, NONE, 1, soa);
  }
}
