package dev.warren.discovery.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.ResolverConfig;

/** The name servers of the system, which dnsjava reads from where each system keeps them. */
final class SystemServers {
  /** {@code fec0:0:0:ffff::}: see {@link #isPhantom}. */
  private static final byte[] SITE_LOCAL = {
    (byte) 0xfe, (byte) 0xc0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0
  };

  private SystemServers() {}

  /**
   * Reads them anew; blocks.
   *
   * @throws IOException if there are none
   */
  static List<NameServer> read() throws IOException {
    ResolverConfig.refresh();
    List<NameServer> servers = usable(ResolverConfig.getCurrentConfig().servers());
    if (servers.isEmpty()) {
      throw new IOException(
          "the system names no DNS server; name one (DnsResolver.Builder.server)");
    }
    return servers;
  }

  static List<NameServer> usable(List<InetSocketAddress> all) {
    List<NameServer> servers = new ArrayList<>();
    for (InetSocketAddress server : all) {
      if (!server.isUnresolved() && !isPhantom(server.getAddress())) {
        servers.add(new NameServer.Plain(server));
      }
    }
    return servers;
  }

  /**
   * Windows lists {@code fec0:0:0:ffff::1} to {@code ::3} for interfaces without a server; nobody
   * answers there (discovery section 6).
   */
  private static boolean isPhantom(InetAddress ip) {
    byte[] bytes = ip.getAddress();
    return bytes.length == 16
        && Arrays.equals(bytes, 0, 15, SITE_LOCAL, 0, 15)
        && bytes[15] >= 1
        && bytes[15] <= 3;
  }
}
