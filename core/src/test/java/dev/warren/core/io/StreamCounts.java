package dev.warren.core.io;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.concurrent.Callable;

/** How many streams a connection still holds: in our set, in the codec's map, and in quiche. */
public final class StreamCounts {
  private StreamCounts() {}

  public static int ours(QuicConnection connection) {
    return onLoop(connection, () -> connection.streams().live().size());
  }

  /** Of those whose channels are closed. */
  public static int quiches(QuicConnection connection) {
    return onLoop(
        connection,
        () -> {
          connection.streams().lingering().pollAll();
          return connection.streams().lingering().remembered();
        });
  }

  public static int codecs(QuicConnection connection) {
    return onLoop(
        connection,
        () -> {
          Field streams = connection.channel().getClass().getDeclaredField("streams");
          streams.setAccessible(true);
          return ((Map<?, ?>) streams.get(connection.channel())).size();
        });
  }

  private static int onLoop(QuicConnection connection, Callable<Integer> count) {
    try {
      return connection.shard().loop().submit(count).get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
