package dev.warren.dns.server.store.postgres;

import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears on a connection of its own what other replicas change. When that was lost and is there
 * again, everything may have changed meanwhile, and listeners are told so.
 */
final class ChangeFeed implements AutoCloseable {
  /** How long one wait for notes lasts; after a silent one the database is asked for a sign. */
  private static final int WAIT_MILLIS = 1_000;

  private static final long CLOSE_MILLIS = 10_000;
  private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);

  private final Database database;
  private final String self;
  private final StoreListener listener;
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean listening;

  ChangeFeed(Database database, String self, StoreListener listener) {
    this.database = database;
    this.self = self;
    this.listener = listener;
    this.thread = new Thread(this::run, "warren-dns-store-listener");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!closing) {
      try {
        listen(database.open());
      } catch (SQLException | StoreException e) {
        lost(e);
      }
    }
    database.close();
  }

  private void listen(Connection connection) throws SQLException {
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LISTEN " + PacketRows.CHANNEL);
      // From here on nothing is missed; what was before is not known.
      listening = true;
      listener.allChanged();
      PGConnection notes = connection.unwrap(PGConnection.class);
      while (!closing) {
        PGNotification[] some = notes.getNotifications(WAIT_MILLIS);
        if (some == null || some.length == 0) {
          statement.execute("SELECT 1");
        } else {
          take(some);
        }
      }
    }
  }

  private void take(PGNotification[] notes) {
    for (PGNotification note : notes) {
      try {
        ChangeNote change = ChangeNote.parse(note.getParameter());
        if (!change.sender().equals(self)) {
          for (byte[] key : change.keys()) {
            listener.changed(ChangeNote.id(key));
          }
        }
      } catch (IllegalArgumentException | SQLException e) {
        // Somebody else writes to the channel, or a newer replica: to be sure, all is dropped.
        LOG.debug("a note that is none", e);
        listener.allChanged();
      }
    }
  }

  private void lost(Exception e) {
    if (listening && !closing) {
      LOG.warn("{}; what other replicas change is not heard until then", e.getMessage());
    }
    listening = false;
    database.drop();
    LockSupport.parkNanos(Database.PAUSE_NANOS);
  }

  /** Whether changes of other replicas are heard. */
  boolean isListening() {
    return listening;
  }

  @Override
  public void close() {
    closing = true;
    database.abort();
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
