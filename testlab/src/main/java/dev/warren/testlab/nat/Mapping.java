package dev.warren.testlab.nat;

/** How a NAT picks the outside port of a socket behind it (RFC 4787 section 4.1). */
public enum Mapping {
  /** One outside port for each socket, the socket's own number if it is free. */
  ENDPOINT_INDEPENDENT(true),
  /** One outside port for each socket, taken at random, as many carriers do. */
  ENDPOINT_INDEPENDENT_RANDOM(true),
  /** One for each socket and remote address, at random. */
  ADDRESS_DEPENDENT(false),
  /** One for each socket and remote address and port, at random: "symmetric". */
  ADDRESS_AND_PORT_DEPENDENT(false),
  /** As before, but each new flow of the whole router has the next port. */
  SEQUENTIAL(false);

  private final boolean endpointIndependent;

  Mapping(boolean endpointIndependent) {
    this.endpointIndependent = endpointIndependent;
  }

  public boolean isEndpointIndependent() {
    return endpointIndependent;
  }
}
