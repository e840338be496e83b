package dev.warren.testlab.nat;

/** Whom a NAT lets in through a mapping (RFC 4787 section 5). */
public enum Filtering {
  /** Everybody. */
  ENDPOINT_INDEPENDENT,
  /** Addresses that the socket has written to. */
  ADDRESS_DEPENDENT,
  /** Addresses and ports that the socket has written to. */
  ADDRESS_AND_PORT_DEPENDENT
}
