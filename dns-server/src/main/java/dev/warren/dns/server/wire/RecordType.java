package dev.warren.dns.server.wire;

/** Types and classes of records that the server treats in some way (IANA's DNS parameters). */
public final class RecordType {
  public static final int A = 1;
  public static final int NS = 2;
  public static final int CNAME = 5;
  public static final int SOA = 6;
  public static final int AAAA = 28;
  public static final int OPT = 41;
  public static final int IXFR = 251;
  public static final int AXFR = 252;
  public static final int ANY = 255;

  /** The class of everything here. */
  public static final int IN = 1;

  private RecordType() {}
}
