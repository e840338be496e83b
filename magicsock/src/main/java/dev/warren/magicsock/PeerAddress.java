package dev.warren.magicsock;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The constant, made-up IPv6 address under which QUIC knows a peer (magicsock section 3): {@code
 * fd15:70a:510b::n}, port 12345, numbered for the process. It carries the peer, so that no table is
 * needed on the way out. Immutable.
 */
public final class PeerAddress extends InetSocketAddress {
  private static final long serialVersionUID = 1;
  private static final AtomicLong NEXT = new AtomicLong(1);

  /** Port of every made-up address. */
  static final int PORT = 12345;

  private final transient Peer peer;

  PeerAddress(Peer peer) {
    super(nextIp(), PORT);
    this.peer = peer;
  }

  private static InetAddress nextIp() {
    byte[] ip =
        ByteBuffer.allocate(16)
            .putInt(0xfd15070a)
            .putInt(0x510b0000)
            .putLong(NEXT.getAndIncrement())
            .array();
    try {
      return InetAddress.getByAddress(ip);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** Who is meant. */
  public Peer peer() {
    return peer;
  }
}
