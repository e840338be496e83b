package dev.warren.dns.server.store.postgres;

import java.time.Duration;
import java.util.Properties;

/**
 * Where the database is, and how much of it one replica uses.
 *
 * @param url as JDBC has it, such as {@code
 *     jdbc:postgresql://db.example/warren?sslmode=verify-full}; may hold user and password
 * @param user empty if the URL or the database says who
 * @param password empty if there is none
 * @param readers connections that read, 1 to 64; a replica has two more, one that writes and one
 *     that listens
 * @param timeout of a statement, a connection attempt and a silent database, at least a second
 */
public record PostgresOptions(
    String url, String user, String password, int readers, Duration timeout) {
  /** Reads are answered from the server's own cache; few reach the database. */
  public static final int DEFAULT_READERS = 2;

  /** Below the ten seconds for which a publisher waits. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  public PostgresOptions {
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(
          "the database's URL begins with jdbc:postgresql:, as in"
              + " jdbc:postgresql://db.example/warren");
    }
    if (readers < 1 || readers > 64) {
      throw new IllegalArgumentException("1 to 64 connections read, not " + readers);
    }
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("a timeout of at least a second, not " + timeout);
    }
  }

  /** With everything else as by default. */
  public static PostgresOptions of(String url) {
    return new PostgresOptions(url, "", "", DEFAULT_READERS, DEFAULT_TIMEOUT);
  }

  /** For the driver; only what the URL does not say already. */
  Properties properties() {
    Properties properties = new Properties();
    if (!user.isEmpty()) {
      properties.setProperty("user", user);
    }
    if (!password.isEmpty()) {
      properties.setProperty("password", password);
    }
    String seconds = Long.toString(timeout.toSeconds());
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("loginTimeout", seconds);
    // Longer than a statement may take, so that the database can say that it took too long.
    properties.setProperty("socketTimeout", Long.toString(timeout.toSeconds() + 2));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("ApplicationName", "warren-dns");
    return properties;
  }

  /** Without the password, and without what the URL may hold behind its question mark. */
  @Override
  public String toString() {
    int parameters = url.indexOf('?');
    return parameters < 0 ? url : url.substring(0, parameters);
  }
}
