package dev.warren.core.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends a close that does not end by itself.
 *
 * <p>quiche 0.29 can fall into an endless loop when an application closes a connection whose
 * handshake the peer has not confirmed: it owes a probe in the handshake's packet space, which a
 * closing connection may not send, and sends acknowledgements instead, each of which makes the next
 * one due (measured, docs/quic-codec.md: 53 bytes each, as fast as the loop could, for minutes).
 * The codec stays in it until quiche says that it is done. The one thing that it asks for in each
 * round is a buffer, so that is where it can be stopped: it frees the connection then as after any
 * other failure to close, but for the buffer that it got last and has not written, which is
 * released here. Event loop only.
 */
final class CloseAllocator implements InvocationHandler {
  private final ByteBufAllocator allocator;
  private final BooleanSupplier endless;
  private @Nullable ByteBuf last;

  private CloseAllocator(ByteBufAllocator allocator, BooleanSupplier endless) {
    this.allocator = allocator;
    this.endless = endless;
  }

  /** Gives what {@code allocator} gives until {@code endless} holds, and an exception then. */
  static ByteBufAllocator of(ByteBufAllocator allocator, BooleanSupplier endless) {
    return (ByteBufAllocator)
        Proxy.newProxyInstance(
            CloseAllocator.class.getClassLoader(),
            new Class<?>[] {ByteBufAllocator.class},
            new CloseAllocator(allocator, endless));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (endless.getAsBoolean()) {
      if (last != null && last.refCnt() > 0) {
        last.release();
      }
      last = null;
      throw new IllegalStateException("quiche found no end of closing; stopped");
    }
    try {
      Object result = method.invoke(allocator, arguments);
      if (result instanceof ByteBuf buffer && !(buffer instanceof CompositeByteBuf)) {
        last = buffer;
      }
      return result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
