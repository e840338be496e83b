package dev.warren.core.io;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.Callable;

/** What an endpoint still knows of connections, seen from one that is open; one shard. */
public final class ConnectionCounts {
  private ConnectionCounts() {}

  /** Connections of the shard, in whatever phase. */
  public static int ofShard(QuicConnection connection) {
    return onLoop(connection, () -> connection.shard().connections().size());
  }

  /** Callers who wait for the peer's stream limit. */
  public static int waitingOpens(QuicConnection connection) {
    return onLoop(connection, connection.streams()::waitingOpens);
  }

  /** Whether its handshake resumed an earlier session: no trust manager was asked then. */
  public static boolean resumed(QuicConnection connection) {
    try {
      Object engine = connection.channel().sslEngine();
      Method reused = engine.getClass().getDeclaredMethod("isSessionReused");
      reused.setAccessible(true);
      return (boolean) reused.invoke(engine);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** The certificates that an endpoint's form of identity has checked, by their bytes. */
  @SuppressWarnings("unchecked")
  public static Map<Object, Object> verified(TlsContexts tls) {
    try {
      var x509 = Identities.class.getDeclaredField("x509");
      x509.setAccessible(true);
      var verified = X509Identity.class.getDeclaredField("verified");
      verified.setAccessible(true);
      return (Map<Object, Object>) verified.get(x509.get(tls.identities()));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static int onLoop(QuicConnection connection, Callable<Integer> count) {
    try {
      return connection.shard().loop().submit(count).get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
