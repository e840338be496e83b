package dev.warren.core.io;

import dev.warren.base.NodeId;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.StreamAccess;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;
import javax.net.ssl.SSLEngine;

/** Looks at TLS sessions, which neither Warren nor Netty shows. */
public final class Sessions {
  private Sessions() {}

  /** Sessions that an endpoint could resume, one a peer and protocol. */
  public static int kept(Endpoint endpoint) throws Exception {
    int all = 0;
    for (Object context : ((Map<?, ?>) get(tls(endpoint), "clients")).values()) {
      all += ((Map<?, ?>) get(get(context, "sessionCache"), "sessions")).size();
    }
    return all;
  }

  /** Whether the handshake of this connection resumed an earlier session. */
  public static boolean resumed(Connection connection) throws Exception {
    SSLEngine engine = StreamAccess.connection(connection).channel().sslEngine();
    Method reused = engine.getClass().getDeclaredMethod("isSessionReused");
    reused.setAccessible(true);
    return (boolean) reused.invoke(engine);
  }

  /** A server that goes on resuming sessions, but takes no early data from its next context on. */
  public static void forbidEarlyData(Endpoint endpoint) throws Exception {
    Object identities = get(tls(endpoint), "identities");
    Field field = identities.getClass().getDeclaredField("earlyData");
    field.setAccessible(true);
    field.set(identities, false);
  }

  /** Connections that wait for the end of a handshake that began with early data. */
  public static long inEarlyData(Endpoint server) throws Exception {
    long count = 0;
    for (QuicShard shard : (QuicShard[]) get(get(server, "quic"), "shards")) {
      count +=
          shard
              .loop()
              .submit(
                  () ->
                      shard.connections().stream()
                          .filter(c -> !c.client() && c.channel().isOpen())
                          .filter(c -> NettyEarlyData.pending(c.channel()))
                          .count())
              .get();
    }
    return count;
  }

  /** Whether an endpoint remembers that a peer refused more than certificates. */
  public static boolean dialledWithCertificatesOnly(Endpoint endpoint, NodeId peer)
      throws Exception {
    return ((OfferMemory) get(get(endpoint, "quic"), "offers")).x509Only(peer);
  }

  static Object tls(Endpoint endpoint) throws Exception {
    return get(endpoint, "tls");
  }

  static Object get(Object of, String name) throws Exception {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
