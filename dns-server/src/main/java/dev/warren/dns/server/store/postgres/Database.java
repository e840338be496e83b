package dev.warren.dns.server.store.postgres;

import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * One connection to the database for one thread, made when it is needed and again after it was
 * lost, at most once in {@link #PAUSE_NANOS}: while the database is away, requests fail at once
 * instead of each waiting for its own attempt.
 */
final class Database implements AutoCloseable {
  static final long PAUSE_NANOS = 500_000_000;

  /** A database set to acknowledge what is not yet on its disk may do so for others, not for us. */
  private static final String DURABLE =
      "SELECT set_config('synchronous_commit', 'on', false)"
          + " WHERE current_setting('synchronous_commit') = 'off'";

  private final PostgresOptions options;
  private volatile @Nullable Connection connection;
  private long lastFailure = System.nanoTime() - PAUSE_NANOS;
  private volatile boolean closed;

  Database(PostgresOptions options) {
    this.options = options;
  }

  /** What is done with a connection. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /**
   * Runs {@code work} in a transaction of its own; what fails is undone. A connection that was lost
   * while nobody used it is replaced, so {@code work} may run twice, and has to allow for it.
   */
  <T> T run(Work<T> work) throws StoreException {
    boolean used = connection != null;
    long start = System.nanoTime();
    try {
      return attempt(work);
    } catch (SQLException e) {
      boolean again = used && isLoss(e) && System.nanoTime() - start < PAUSE_NANOS;
      if (!again) {
        throw unavailable(e);
      }
    }
    try {
      return attempt(work);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private <T> T attempt(Work<T> work) throws SQLException, StoreException {
    try {
      Connection open = open();
      T result = work.run(open);
      open.commit();
      return result;
    } catch (SQLException e) {
      // Whatever it was: a new connection is in a state that is known.
      drop();
      throw e;
    }
  }

  /** Class 08 of the SQL states, and those of a server that ends (PostgreSQL, appendix A). */
  private static boolean isLoss(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.startsWith("57P");
  }

  /** The connection, for who needs more than {@link #run}. */
  Connection open() throws SQLException, StoreException {
    Connection open = connection;
    if (open != null) {
      return open;
    }
    if (System.nanoTime() - lastFailure < PAUSE_NANOS) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "the database " + options + " is away; it is tried again twice a second");
    }
    try {
      open = connect();
    } catch (SQLException e) {
      lastFailure = System.nanoTime();
      throw e;
    }
    connection = open;
    if (closed) {
      drop();
    }
    return open;
  }

  private Connection connect() throws SQLException {
    // Not by DriverManager: its drivers are found by the class loader of whoever calls.
    Connection open = new Driver().connect(options.url(), options.properties());
    if (open == null) {
      throw new SQLException("the driver does not know the URL");
    }
    try (Statement statement = open.createStatement()) {
      // Said here and not in the URL: a pooler between may refuse what it does not know there.
      statement.execute("SET statement_timeout = " + options.timeout().toMillis());
      statement.execute(DURABLE);
      open.setAutoCommit(false);
      return open;
    } catch (SQLException e) {
      open.close();
      throw e;
    }
  }

  StoreException unavailable(SQLException e) {
    return new StoreException(
        Reason.UNAVAILABLE,
        "the database " + options + " failed (" + e.getMessage() + "); it is tried again by itself",
        e);
  }

  /** Gives the connection up. */
  void drop() {
    Connection lost = connection;
    connection = null;
    if (lost != null) {
      try {
        lost.close();
      } catch (SQLException e) {
        // It was lost before.
      }
    }
  }

  /** From any thread: cuts what waits for the database. */
  void abort() {
    closed = true;
    Connection open = connection;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException e) {
        // It was lost before.
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    drop();
  }
}
