package dev.warren.dns.server.store.postgres;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The statements. Each is one round trip for a whole group. */
final class PacketRows {
  /** The channel on which replicas tell each other which keys have changed. */
  static final String CHANNEL = "warren_packets";

  /** Keys of one notification: 43 characters each, within PostgreSQL's 8,000 bytes. */
  private static final int KEYS_PER_NOTE = 150;

  /**
   * A row is only replaced by one that is as recent or more (discovery section 4.5); bytea compares
   * as unsigned bytes. {@code xmax} is zero in a row that is new.
   */
  private static final String UPSERT =
      """
      INSERT INTO warren_packets AS old (key, signature, timestamp, dns)
      SELECT * FROM unnest(?::bytea[], ?::bytea[], ?::bigint[], ?::bytea[])
      ON CONFLICT (key) DO UPDATE
        SET signature = excluded.signature, timestamp = excluded.timestamp, dns = excluded.dns
        WHERE (old.timestamp, old.dns) <= (excluded.timestamp, excluded.dns)
      RETURNING key, xmax = 0
      """;

  private static final String GET =
      "SELECT signature, timestamp, dns FROM warren_packets WHERE key = ?";

  /** Rows that another replica evicts just now are left to it. */
  private static final String EVICT =
      """
      DELETE FROM warren_packets WHERE key IN (
        SELECT key FROM warren_packets WHERE timestamp < ?
        ORDER BY timestamp LIMIT ? FOR UPDATE SKIP LOCKED)
      RETURNING key
      """;

  private static final String NOTIFY = "SELECT pg_notify('" + CHANNEL + "', ?)";

  private PacketRows() {}

  /** What an upsert has changed. */
  record Changed(Set<NodeId> inserted, Set<NodeId> updated) {}

  /**
   * Puts {@code packets}, of which no two may have one key.
   *
   * @param sender who tells the other replicas
   */
  static Changed upsert(Connection connection, String sender, Collection<SignedPacket> packets)
      throws SQLException {
    // In one order in all replicas, so that no two wait for each other's rows.
    List<SignedPacket> sorted = new ArrayList<>(packets);
    sorted.sort((a, b) -> a.nodeId().compareTo(b.nodeId()));
    Changed changed = new Changed(new HashSet<>(), new HashSet<>());
    List<byte[]> keys = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
      setRows(connection, statement, sorted);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          keys.add(rows.getBytes(1));
          (rows.getBoolean(2) ? changed.inserted : changed.updated)
              .add(ChangeNote.id(rows.getBytes(1)));
        }
      }
    }
    tell(connection, sender, keys);
    return changed;
  }

  private static void setRows(
      Connection connection, PreparedStatement statement, List<SignedPacket> packets)
      throws SQLException {
    int count = packets.size();
    byte[][] keys = new byte[count][];
    byte[][] signatures = new byte[count][];
    Long[] timestamps = new Long[count];
    byte[][] messages = new byte[count][];
    for (int i = 0; i < count; i++) {
      SignedPacket packet = packets.get(i);
      keys[i] = packet.nodeId().toBytes();
      signatures[i] = packet.signature();
      timestamps[i] = ordered(packet.timestamp());
      messages[i] = packet.dns();
    }
    statement.setArray(1, connection.createArrayOf("bytea", keys));
    statement.setArray(2, connection.createArrayOf("bytea", signatures));
    statement.setArray(3, connection.createArrayOf("bigint", timestamps));
    statement.setArray(4, connection.createArrayOf("bytea", messages));
  }

  /** The order of unsigned numbers as one of signed ones; its own inverse. */
  private static long ordered(long timestamp) {
    return timestamp ^ Long.MIN_VALUE;
  }

  /** All bytes of the packet of {@code id}, not verified; null if there is none. */
  static byte @Nullable [] get(Connection connection, NodeId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(GET)) {
      statement.setBytes(1, id.toBytes());
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          return null;
        }
        byte[] signature = rows.getBytes(1);
        byte[] dns = rows.getBytes(3);
        return ByteBuffer.allocate(NodeId.LENGTH + signature.length + Long.BYTES + dns.length)
            .put(id.toBytes())
            .put(signature)
            .putLong(ordered(rows.getLong(2)))
            .put(dns)
            .array();
      }
    }
  }

  /** Removes at most {@code most} packets from before {@code before}; returns whose. */
  static List<NodeId> evict(Connection connection, String sender, long before, int most)
      throws SQLException {
    List<byte[]> keys = new ArrayList<>();
    List<NodeId> ids = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(EVICT)) {
      statement.setLong(1, ordered(before));
      statement.setInt(2, most);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          keys.add(rows.getBytes(1));
          ids.add(ChangeNote.id(rows.getBytes(1)));
        }
      }
    }
    tell(connection, sender, keys);
    return ids;
  }

  /** Heard by the other replicas when the transaction is committed, and not if it is undone. */
  private static void tell(Connection connection, String sender, List<byte[]> keys)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NOTIFY)) {
      for (int from = 0; from < keys.size(); from += KEYS_PER_NOTE) {
        List<byte[]> some = keys.subList(from, Math.min(keys.size(), from + KEYS_PER_NOTE));
        statement.setString(1, new ChangeNote(sender, some).text());
        statement.execute();
      }
    }
  }
}
