package dev.warren.base;

/** A datagram that cannot be sent on this connection. */
public final class DatagramException extends PeerException {
  private static final long serialVersionUID = 1;

  private DatagramException(NodeId peer, String message) {
    super(Kind.LIMIT, peer, message, null);
  }

  /** Empty, too large, or not taken by the peer at all ({@code max} 0). */
  public static DatagramException size(NodeId peer, int size, int max) {
    return new DatagramException(
        peer,
        max == 0
            ? "the peer takes no datagrams"
            : "a datagram has 1 to " + max + " bytes on this connection, not " + size);
  }
}
