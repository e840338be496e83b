package dev.warren.core.io;

import io.netty.buffer.ByteBufAllocator;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.BooleanSupplier;

/**
 * Ends a close that does not end by itself.
 *
 * <p>quiche 0.29 can fall into an endless loop when an application closes a connection whose
 * handshake the peer has not confirmed: it owes a probe in the handshake's packet space, which a
 * closing connection may not send, and sends acknowledgements instead, each of which makes the next
 * one due (measured, docs/quic-codec.md: 53 bytes each, as fast as the loop could, for minutes).
 * The codec stays in it until quiche says that it is done. The one thing that it asks for in each
 * round is a buffer, so that is where it can be stopped: it frees the connection then as after any
 * other failure to close. One buffer that it had got already may be lost with that.
 */
final class CloseAllocator {
  private CloseAllocator() {}

  /** Gives what {@code allocator} gives until {@code endless} holds, and an exception then. */
  static ByteBufAllocator of(ByteBufAllocator allocator, BooleanSupplier endless) {
    InvocationHandler guard =
        (proxy, method, arguments) -> {
          if (endless.getAsBoolean()) {
            throw new IllegalStateException("quiche found no end of closing; stopped");
          }
          try {
            return method.invoke(allocator, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (ByteBufAllocator)
        Proxy.newProxyInstance(
            CloseAllocator.class.getClassLoader(), new Class<?>[] {ByteBufAllocator.class}, guard);
  }
}
