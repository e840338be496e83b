package dev.warren.discovery.local.dnssd;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.local.wire.Announcement;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.jmdns.ServiceInfo;
import org.jspecify.annotations.Nullable;

/**
 * A node as a service of DNS-SD.
 *
 * <p>The type is {@code _warren._udp}: what the port speaks is QUIC, whose application protocols
 * the service does not name. iroh's own names are not used: there the instance is the id and no
 * more, and jmdns would rename it when it meets itself. The instance is called after the first ten
 * digits of the id; the whole is in the TXT record.
 */
final class NodeService {
  static final String TYPE = "_warren._udp.local.";

  private static final String ID = "id";
  private static final String RELAY = "relay";
  private static final String USER_DATA = "user-data";

  /** A string of a TXT record is this long at most, with its key and the equals sign. */
  private static final int MAX_STRING = 255;

  private NodeService() {}

  /** What the instance is called, and the host that it is on; ASCII. */
  static String name(NodeId id) {
    return "warren-" + id.toShortString();
  }

  /**
   * The service of a node at {@code here}; nothing if it has no socket there.
   *
   * <p>A service has one port: that of the node's address there, else that of its first address of
   * the family.
   */
  static Optional<ServiceInfo> of(Announcement own, InetAddress here) {
    return port(own, here)
        .map(port -> ServiceInfo.create(TYPE, name(own.id()), port, 0, 0, properties(own)));
  }

  private static Optional<Integer> port(Announcement own, InetAddress here) {
    Stream<InetSocketAddress> exact =
        own.addresses().stream().filter(a -> a.getAddress().equals(here));
    Stream<InetSocketAddress> family =
        own.addresses().stream().filter(a -> a.getAddress().getClass() == here.getClass());
    return Stream.concat(exact, family).map(InetSocketAddress::getPort).findFirst();
  }

  private static Map<String, String> properties(Announcement own) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(ID, own.id().toString());
    own.relay().map(Object::toString).ifPresent(url -> put(properties, RELAY, url));
    own.userData().ifPresent(data -> put(properties, USER_DATA, data));
    return properties;
  }

  private static void put(Map<String, String> properties, String key, String value) {
    int length = (key + "=" + value).getBytes(StandardCharsets.UTF_8).length;
    if (length <= MAX_STRING) {
      properties.put(key, value);
    }
  }

  /**
   * The node that a service is of; nothing if it names none, or has no address on the link. jmdns
   * takes packets from anywhere, so that addresses elsewhere may be a stranger's idea.
   */
  static Optional<Announcement> node(ServiceInfo info, Predicate<InetAddress> onLink) {
    String id = info.getPropertyString(ID);
    int port = info.getPort();
    if (id == null || port <= 0 || port > 65535) {
      return Optional.empty();
    }
    List<InetSocketAddress> addresses =
        Stream.of(info.getInetAddresses())
            .filter(onLink)
            .map(ip -> new InetSocketAddress(ip, port))
            .toList();
    if (addresses.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Announcement(
              NodeId.parse(id),
              addresses,
              relay(info.getPropertyString(RELAY)),
              Optional.ofNullable(info.getPropertyString(USER_DATA))
                  .filter(
                      data ->
                          data.getBytes(StandardCharsets.UTF_8).length
                              <= EndpointData.MAX_USER_DATA)));
    } catch (KeyParseException e) {
      return Optional.empty();
    }
  }

  private static Optional<RelayUrl> relay(@Nullable String text) {
    try {
      return text == null ? Optional.empty() : Optional.of(RelayUrl.parse(text));
    } catch (RelayUrlParseException e) {
      return Optional.empty();
    }
  }
}
