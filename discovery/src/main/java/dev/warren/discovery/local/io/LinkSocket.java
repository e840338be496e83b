package dev.warren.discovery.local.io;

import dev.warren.discovery.local.logic.Link;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/**
 * The group of multicast DNS on one interface in one family, beside whoever else of this host is in
 * it. One socket for each, so that it is known where a datagram came in, and so that an interface
 * that goes away takes its membership along: the JDK cannot leave a group on an interface that is
 * gone. Owned by one thread.
 */
final class LinkSocket implements AutoCloseable {
  /** The port of multicast DNS (RFC 6762 section 3). */
  static final int PORT = 5353;

  /**
   * RFC 6762 section 11 wants 255, and some receivers drop less. No router passes these groups on.
   */
  private static final int HOPS = 255;

  private static final byte[] GROUP_V4 = {(byte) 224, 0, 0, (byte) 251};
  private static final byte[] GROUP_V6 = {
    (byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xfb
  };

  private final Link link;
  private final DatagramChannel channel;
  private final InetSocketAddress group;
  private volatile LocalInterface on;

  private LinkSocket(
      Link link, DatagramChannel channel, InetSocketAddress group, LocalInterface on) {
    this.link = link;
    this.channel = channel;
    this.group = group;
    this.on = on;
  }

  /**
   * Joins the group.
   *
   * @throws IOException if the port is another program's alone, or the interface is gone
   */
  static LinkSocket open(LocalInterface on, Link.Family family) throws IOException {
    NetworkInterface device = on.device();
    boolean v4 = family == Link.Family.IPV4;
    InetAddress ip =
        v4
            ? InetAddress.getByAddress(GROUP_V4)
            : Inet6Address.getByAddress(null, GROUP_V6, device.getIndex());
    DatagramChannel channel =
        DatagramChannel.open(v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      if (channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      InetSocketAddress group = new InetSocketAddress(ip, PORT);
      bind(channel, group);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, device);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, HOPS);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      channel.join(ip, device);
      return new LinkSocket(new Link(device.getIndex(), family), channel, group, on);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e instanceof IOException io ? io : new IOException(e);
    }
  }

  /**
   * To the group, where the system allows that: a socket for all addresses would take away unicast
   * answers that another program of this host, such as Avahi, waits for on the same port.
   */
  private static void bind(DatagramChannel channel, InetSocketAddress group) throws IOException {
    try {
      channel.bind(group);
    } catch (IOException e) {
      channel.bind(new InetSocketAddress(PORT));
    }
  }

  Link link() {
    return link;
  }

  DatagramChannel channel() {
    return channel;
  }

  LocalInterface on() {
    return on;
  }

  /**
   * The interface as it is now. Whether the membership, which hangs on its address, still holds.
   */
  boolean update(LocalInterface now) {
    boolean same =
        link.family() == Link.Family.IPV6
            || now.addresses(Inet4Address.class).equals(on.addresses(Inet4Address.class));
    on = now;
    return same;
  }

  /** Sends to the group; false if the system has no room for it now. */
  boolean send(byte[] bytes) throws IOException {
    return channel.send(ByteBuffer.wrap(bytes), group) > 0;
  }

  /** The next datagram, into {@code buffer}; null if there is none. */
  @Nullable SocketAddress receive(ByteBuffer buffer) throws IOException {
    return channel.receive(buffer);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
