package dev.warren.cli;

import dev.warren.core.Connection;
import dev.warren.core.PathEvent;
import dev.warren.core.PathInfo;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells of the paths of one connection, and remembers their order. A time without any path is not
 * told of: what comes after it is. Any thread.
 */
final class Paths {
  private final Output out;
  private final Connection connection;
  private final Provenance provenance;
  private final long start;
  private final List<String> history = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile long directMillis = -1;
  private @Nullable PathInfo last;

  private Paths(Output out, Connection connection, Provenance provenance, long startNanos) {
    this.out = out;
    this.connection = connection;
    this.provenance = provenance;
    this.start = startNanos;
  }

  /**
   * Tells that a connection is there and over which path, and of all its paths: an event each, the
   * first one's too, so that whoever reads but these has the whole history.
   */
  static Paths connected(
      Output out, Connection connection, Provenance provenance, long startNanos) {
    Paths paths = new Paths(out, connection, provenance, startNanos);
    PathInfo first = connection.path();
    Events.connected(out, connection, provenance, first, paths.millis());
    paths.moved(first);
    connection.onPathEvent(paths::onEvent);
    // Nobody told of what happened between the two.
    paths.moved(connection.path());
    return paths;
  }

  private long millis() {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private void onEvent(PathEvent event) {
    if (event instanceof PathEvent.Selected selected) {
      moved(selected.to());
    }
  }

  private void moved(PathInfo to) {
    lock.lock();
    try {
      if (to.type() == PathInfo.Type.NONE || (last != null && same(last, to))) {
        return;
      }
      String from = type(last == null ? PathInfo.Type.NONE : last.type());
      last = to;
      note(to);
      tell(from, to);
    } finally {
      lock.unlock();
    }
  }

  private void note(PathInfo path) {
    history.add(type(path));
    if (path.isDirect() && directMillis < 0) {
      directMillis = millis();
    }
  }

  private static boolean same(PathInfo a, PathInfo b) {
    return a.type() == b.type() && Objects.equals(a.remote(), b.remote());
  }

  private void tell(String from, PathInfo to) {
    long ms = millis();
    String by = provenance.first(connection, to);
    out.event(
        "path",
        String.format("path: %s → %s %s after %d ms%s", from, type(to), to.remote(), ms, by(by)),
        "peer",
        connection.remoteId(),
        "from",
        from,
        "to",
        type(to),
        "addr",
        to.remote(),
        "ms",
        ms,
        "provenance",
        by);
  }

  /** For a person. */
  static String by(@Nullable String provenance) {
    return provenance == null ? "" : " (by " + provenance + ")";
  }

  /** When traffic first took a direct path, in milliseconds since dialling; -1 if it never did. */
  long directMillis() {
    return directMillis;
  }

  List<String> history() {
    return List.copyOf(history);
  }

  /** Waits for a kind of path; false if it did not come in time, or the connection ended. */
  boolean await(PathInfo.Type kind, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    PathInfo now = connection.path();
    while (now.type() != kind) {
      if (System.nanoTime() - deadline > 0 || connection.closed().isDone()) {
        return false;
      }
      LockSupport.parkNanos(2_000_000);
      now = connection.path();
    }
    // Its event may still be on the way.
    moved(now);
    return true;
  }

  static String type(PathInfo path) {
    return type(path.type());
  }

  static String type(PathInfo.Type type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  static Map<String, Object> json(Connection connection, Provenance provenance, PathInfo path) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("type", type(path));
    fields.put("addr", path.remote());
    fields.put("rttMs", path.rtt().toNanos() / 1e6);
    fields.put("provenance", provenance.first(connection, path));
    fields.put("sources", provenance.all(connection, path));
    return fields;
  }
}
