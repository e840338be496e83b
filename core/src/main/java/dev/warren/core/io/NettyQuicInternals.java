package dev.warren.core.io;

import io.netty.handler.codec.quic.QuicChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two package-private calls of Netty's QUIC codec that Warren cannot do without for long-lived
 * connections (measured: netty-quic-notes section 4.2).
 *
 * <ul>
 *   <li>{@code streamClosed(id)}: a stream that ended by reset or stop-sending stays in the
 *       connection's map until the connection dies, unless this is called.
 *   <li>{@code streamCapacity(id)}: the only way to learn of a STOP_SENDING before the next write,
 *       and of a stream whose data was acknowledged.
 * </ul>
 *
 * Reached through a private lookup: this works on the class path, and on the module path if the
 * codec's package is open to {@code dev.warren.core}. Where it is not, everything works but the two
 * things above; one warning says which option helps. Any thread may ask {@link #available}; the
 * calls belong on the connection's event loop.
 */
final class NettyQuicInternals {
  private static final Logger LOG = LoggerFactory.getLogger(NettyQuicInternals.class);

  /** quiche's error codes (quiche.h): the stream was stopped by the peer. */
  static final long STREAM_STOPPED = -15;

  /** quiche's error codes (quiche.h): no such stream any more, it is complete. */
  static final long INVALID_STREAM_STATE = -7;

  private static final MethodHandle STREAM_CLOSED;
  private static final MethodHandle STREAM_CAPACITY;

  static {
    MethodHandle closed = null;
    MethodHandle capacity = null;
    try {
      Class<?> channel =
          Class.forName(
              "io.netty.handler.codec.quic.QuicheQuicChannel",
              false,
              QuicChannel.class.getClassLoader());
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(channel, MethodHandles.lookup());
      closed =
          lookup
              .findVirtual(channel, "streamClosed", MethodType.methodType(void.class, long.class))
              .asType(MethodType.methodType(void.class, QuicChannel.class, long.class));
      capacity =
          lookup
              .findVirtual(channel, "streamCapacity", MethodType.methodType(long.class, long.class))
              .asType(MethodType.methodType(long.class, QuicChannel.class, long.class));
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.warn(
          "Streams that peers abort will be kept until their connection closes: {}. Start Java with"
              + " --add-opens io.netty.codec.classes.quic/io.netty.handler.codec.quic=dev.warren.core",
          e.getMessage());
    }
    STREAM_CLOSED = closed;
    STREAM_CAPACITY = capacity;
  }

  private NettyQuicInternals() {}

  static boolean available() {
    return STREAM_CLOSED != null && STREAM_CAPACITY != null;
  }

  /**
   * Forgets a stream whose both directions are terminal. Called earlier, it makes the codec
   * announce the id again as a new inbound stream, without end.
   */
  static boolean streamClosed(QuicChannel channel, long id) {
    if (STREAM_CLOSED == null) {
      return false;
    }
    try {
      STREAM_CLOSED.invokeExact(channel, id);
      return true;
    } catch (Throwable e) {
      throw new IllegalStateException("streamClosed failed", e);
    }
  }

  /** Bytes that the stream would take now, or a negative quiche error; 0 if it cannot be known. */
  static long streamCapacity(QuicChannel channel, long id) {
    if (STREAM_CAPACITY == null) {
      return 0;
    }
    try {
      return (long) STREAM_CAPACITY.invokeExact(channel, id);
    } catch (Throwable e) {
      throw new IllegalStateException("streamCapacity failed", e);
    }
  }
}
