package dev.warren.core.io;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Netty's QUIC codec hides of 0-RTT, without which it cannot be offered rightly (measured:
 * docs/quic-codec.md): whether the peer refused it, a reset that sends nothing yet, datagrams and
 * stream credit before the channel is active.
 *
 * <p>Reached as {@link NettyQuicInternals} are, and where that is not possible no early data is
 * sent: the handshake comes first then. The calls belong on the connection's event loop.
 */
final class NettyEarlyData {
  private static final Logger LOG = LoggerFactory.getLogger(NettyEarlyData.class);

  /** quiche.h: the direction that a stream shutdown is about. */
  private static final int SHUTDOWN_WRITE = 1;

  private static final @Nullable NettyEarlyData CALLS = find();

  private final MethodHandle address;
  private final MethodHandle inEarlyData;
  private final MethodHandle established;
  private final MethodHandle shutdown;
  private final MethodHandle bidiLeft;
  private final MethodHandle uniLeft;
  private final MethodHandle setBidiLeft;
  private final MethodHandle setUniLeft;
  private final MethodHandle maxDatagram;
  private final MethodHandle sendDatagram;
  private final MethodHandle bufferAddress;
  private final MethodHandle flush;

  private NettyEarlyData() throws ReflectiveOperationException {
    Class<?> channel = codecClass("QuicheQuicChannel");
    Class<?> connection = codecClass("QuicheQuicConnection");
    Class<?> quiche = codecClass("Quiche");
    MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(channel, MethodHandles.lookup());
    MethodType flag = MethodType.methodType(boolean.class, long.class);
    MethodType number = MethodType.methodType(long.class, long.class);
    MethodType setter = MethodType.methodType(void.class, QuicChannel.class, long.class);
    address =
        MethodHandles.filterReturnValue(
                lookup.findGetter(channel, "connection", connection),
                lookup.findVirtual(connection, "address", MethodType.methodType(long.class)))
            .asType(MethodType.methodType(long.class, QuicChannel.class));
    inEarlyData = lookup.findStatic(quiche, "quiche_conn_is_in_early_data", flag);
    established = lookup.findStatic(quiche, "quiche_conn_is_established", flag);
    shutdown =
        lookup.findStatic(
            quiche,
            "quiche_conn_stream_shutdown",
            MethodType.methodType(int.class, long.class, long.class, int.class, long.class));
    bidiLeft = lookup.findStatic(quiche, "quiche_conn_peer_streams_left_bidi", number);
    uniLeft = lookup.findStatic(quiche, "quiche_conn_peer_streams_left_uni", number);
    setBidiLeft = lookup.findSetter(channel, "bidiStreamsLeft", long.class).asType(setter);
    setUniLeft = lookup.findSetter(channel, "uniStreamsLeft", long.class).asType(setter);
    maxDatagram =
        lookup.findStatic(
            quiche,
            "quiche_conn_dgram_max_writable_len",
            MethodType.methodType(int.class, long.class));
    sendDatagram =
        lookup.findStatic(
            quiche,
            "quiche_conn_dgram_send",
            MethodType.methodType(int.class, long.class, long.class, int.class));
    bufferAddress =
        lookup.findStatic(
            quiche, "readerMemoryAddress", MethodType.methodType(long.class, ByteBuf.class));
    flush =
        lookup
            .findVirtual(channel, "connectionSendAndFlush", MethodType.methodType(void.class))
            .asType(MethodType.methodType(void.class, QuicChannel.class));
  }

  private static Class<?> codecClass(String name) throws ClassNotFoundException {
    return Class.forName(
        "io.netty.handler.codec.quic." + name, false, QuicChannel.class.getClassLoader());
  }

  private static @Nullable NettyEarlyData find() {
    try {
      return new NettyEarlyData();
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("no early data will be sent: {}", e.toString());
      return null;
    }
  }

  static boolean available() {
    return CALLS != null;
  }

  /**
   * True if the peer's first flight refused early data. To be asked between a datagram's arrival
   * and the next that is sent: TLS stops there, and goes on when quiche is asked to send.
   */
  static boolean refused(QuicChannel channel) {
    return ask(
        calls -> {
          long connection = (long) calls.address.invokeExact(channel);
          return !(boolean) calls.inEarlyData.invokeExact(connection)
              && !(boolean) calls.established.invokeExact(connection);
        });
  }

  /** True on either side while a handshake that began with early data has not ended. */
  static boolean pending(QuicChannel channel) {
    return ask(
        calls ->
            (boolean) calls.inEarlyData.invokeExact((long) calls.address.invokeExact(channel)));
  }

  /** Resets the sending direction of a stream, also of one whose FIN was sent. Sends nothing. */
  static void reset(QuicChannel channel, long stream) {
    ask(
        calls -> {
          long connection = (long) calls.address.invokeExact(channel);
          return (int) calls.shutdown.invokeExact(connection, stream, SHUTDOWN_WRITE, 0L);
        });
  }

  /**
   * Tells the channel how many streams the peer allows. It learns that only from packets of the
   * peer; counted down from nothing before the first one, it would never look again.
   */
  static void refreshStreamCredit(QuicChannel channel) {
    ask(
        calls -> {
          long connection = (long) calls.address.invokeExact(channel);
          calls.setBidiLeft.invokeExact(channel, (long) calls.bidiLeft.invokeExact(connection));
          calls.setUniLeft.invokeExact(channel, (long) calls.uniLeft.invokeExact(connection));
          return true;
        });
  }

  /** Largest datagram that the peer takes, as remembered from the last connection; 0 if none. */
  static int maxDatagram(QuicChannel channel) {
    int max =
        ask(
            calls ->
                (int) calls.maxDatagram.invokeExact((long) calls.address.invokeExact(channel)));
    return Math.max(0, max);
  }

  /** Sends a datagram before the channel is active; releases it. */
  static void sendDatagram(QuicChannel channel, ByteBuf datagram) {
    try {
      ask(
          calls -> {
            long connection = (long) calls.address.invokeExact(channel);
            long from = (long) calls.bufferAddress.invokeExact(datagram);
            int sent =
                (int) calls.sendDatagram.invokeExact(connection, from, datagram.readableBytes());
            calls.flush.invokeExact(channel);
            return sent;
          });
    } finally {
      datagram.release();
    }
  }

  @FunctionalInterface
  private interface Call<T> {
    T with(NettyEarlyData calls) throws Throwable;
  }

  private static <T> T ask(Call<T> call) {
    NettyEarlyData calls = CALLS;
    if (calls == null) {
      throw new IllegalStateException("early data is not available");
    }
    try {
      return call.with(calls);
    } catch (Throwable e) {
      throw new IllegalStateException("a call into the QUIC codec failed", e);
    }
  }
}
