package dev.warren.discovery.dht.wire;

/** The codes of errors (BEP 5, 44). */
public final class KrpcError {
  public static final int GENERIC = 201;
  public static final int SERVER = 202;

  /** Malformed, or a bad token. */
  public static final int PROTOCOL = 203;

  public static final int METHOD_UNKNOWN = 204;
  public static final int VALUE_TOO_BIG = 205;
  public static final int BAD_SIGNATURE = 206;
  public static final int SALT_TOO_BIG = 207;

  /** The item there has not the sequence number that was expected. */
  public static final int CAS_MISMATCH = 301;

  /** The item there is newer. */
  public static final int SEQ_TOO_LOW = 302;

  private KrpcError() {}
}
