package dev.warren.relay.server.operation;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a status page shows. Asked on a thread of the page; must not block. */
public interface StatusSource {
  /** Counters by the field's names. */
  Map<String, Long> metrics();

  /** Who is connected now. */
  List<Client> clients();

  /**
   * A connection.
   *
   * @param id of the node, whole
   * @param bytesReceived payload bytes from it
   * @param bytesSent payload bytes to it
   * @param active whether datagrams for its id go to it, and not to a newer connection
   */
  record Client(
      String id,
      InetSocketAddress remote,
      String dialect,
      Instant since,
      long bytesReceived,
      long bytesSent,
      boolean active) {}
}
