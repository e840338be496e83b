package dev.warren.dns.server.store.postgres;

import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The tables, created and brought to this version by whichever replica comes first. */
final class Schema {
  /**
   * One step for each version. What a step did is never changed: databases out there have it.
   *
   * <p>{@code timestamp} is the packet's with its first bit turned, so that signed numbers are in
   * the order of unsigned ones. A packet is kept in parts, since both decide what is more recent;
   * its bytes do not shrink, so no time is spent on compressing them.
   */
  private static final List<String> STEPS =
      List.of(
          """
          CREATE TABLE warren_packets (
            key bytea PRIMARY KEY,
            signature bytea NOT NULL,
            timestamp bigint NOT NULL,
            dns bytea NOT NULL
          ) WITH (fillfactor = 80);
          ALTER TABLE warren_packets ALTER COLUMN dns SET STORAGE PLAIN;
          CREATE INDEX warren_packets_timestamp ON warren_packets (timestamp);
          """);

  /** Keeps replicas that start at once from creating the same table: any number will do. */
  private static final long LOCK = 0x77617272656eL;

  private Schema() {}

  /** Brings the database to this version, in one transaction. */
  static void migrate(Database database) throws StoreException {
    int found = database.run(Schema::migrate);
    if (found > STEPS.size()) {
      throw new StoreException(
          Reason.DAMAGED,
          "the database's tables have version "
              + found
              + ", and this program knows "
              + STEPS.size()
              + ": a newer one has been at work; use that, or a newer one");
    }
  }

  private static int migrate(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
      int found = version(statement);
      if (found < 0) {
        statement.execute("CREATE TABLE warren_schema (version integer NOT NULL)");
        found = 0;
      }
      for (int version = found; version < STEPS.size(); version++) {
        statement.execute(STEPS.get(version));
      }
      if (found < STEPS.size()) {
        statement.execute("DELETE FROM warren_schema");
        statement.execute("INSERT INTO warren_schema VALUES (" + STEPS.size() + ")");
      }
      return Math.max(found, STEPS.size());
    }
  }

  /** Negative if there is no table; a user who may not create one can still find it. */
  private static int version(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT to_regclass('warren_schema') IS NULL")) {
      rows.next();
      if (rows.getBoolean(1)) {
        return -1;
      }
    }
    try (ResultSet rows = statement.executeQuery("SELECT max(version) FROM warren_schema")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
