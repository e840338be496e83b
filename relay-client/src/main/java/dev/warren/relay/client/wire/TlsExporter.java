package dev.warren.relay.client.wire;

import dev.warren.base.NodeId;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Key material of a TLS session where the platform gives it out: Java 25 and later do, earlier ones
 * do not (relay-protocol part D). Stateless.
 */
public final class TlsExporter {
  /** {@code byte[] exportKeyingMaterialData(String, byte[], int)}, since Java 25. */
  private static final @Nullable MethodHandle EXPORT = find();

  private TlsExporter() {}

  private static @Nullable MethodHandle find() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(
              ExtendedSSLSession.class,
              "exportKeyingMaterialData",
              MethodType.methodType(byte[].class, String.class, byte[].class, int.class));
    } catch (NoSuchMethodException | IllegalAccessException before25) {
      return null;
    }
  }

  /** Whether this platform can export at all. */
  public static boolean isAvailable() {
    return EXPORT != null;
  }

  /** The material for a client's proof, or empty if this session does not give it out. */
  public static Optional<byte[]> material(SSLSession session, NodeId client) {
    if (EXPORT == null || !(session instanceof ExtendedSSLSession extended)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          (byte[])
              EXPORT.invokeExact(
                  extended, ExporterProof.LABEL, client.toBytes(), ExporterProof.MATERIAL));
    } catch (Throwable unsupported) { // a session of another provider, or one that has ended
      return Optional.empty();
    }
  }
}
