package dev.warren.cli;

import dev.warren.core.Connection;
import dev.warren.core.PathEvent;
import dev.warren.core.PathInfo;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Tells of the paths of one connection, and remembers their order. Any thread. */
final class Paths {
  private final Output out;
  private final Connection connection;
  private final long start;
  private final List<String> history = new CopyOnWriteArrayList<>();

  Paths(Output out, Connection connection, long startNanos) {
    this.out = out;
    this.connection = connection;
    this.start = startNanos;
    history.add(type(connection.path()));
    connection.onPathEvent(this::onEvent);
  }

  private void onEvent(PathEvent event) {
    if (event instanceof PathEvent.Selected selected
        && selected.from().type() != PathInfo.Type.NONE
        && !json(selected.from()).equals(json(selected.to()))) {
      history.add(type(selected.to()));
      long ms = (System.nanoTime() - start) / 1_000_000;
      out.event(
          "path",
          "path: "
              + type(selected.from())
              + " → "
              + type(selected.to())
              + " "
              + selected.to().remote()
              + " after "
              + ms
              + " ms",
          "peer",
          connection.remoteId(),
          "from",
          type(selected.from()),
          "to",
          type(selected.to()),
          "addr",
          selected.to().remote(),
          "ms",
          ms);
    }
  }

  List<String> history() {
    return List.copyOf(history);
  }

  /** Waits for a kind of path; false if it did not come in time. */
  boolean await(PathInfo.Type kind, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (connection.path().type() != kind) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(2_000_000);
    }
    return true;
  }

  static String type(PathInfo path) {
    return type(path.type());
  }

  static String type(PathInfo.Type type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  static Map<String, Object> json(PathInfo path) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("type", type(path));
    fields.put("addr", path.remote());
    fields.put("rttMs", path.rtt().toNanos() / 1e6);
    return fields;
  }
}
