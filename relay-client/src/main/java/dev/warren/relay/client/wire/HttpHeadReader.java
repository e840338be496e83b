package dev.warren.relay.client.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads one {@link HttpHead} from what has come of it so far. It looks at each byte once: a
 * stranger who sends a head byte by byte would have us look at all of it as often. Not thread-safe.
 */
public final class HttpHeadReader {
  /** Bytes behind the reader index where no end begins. */
  private int seen;

  /**
   * The head if it is complete; else null and nothing is consumed: call again with more behind it.
   *
   * @throws IllegalArgumentException if it is too long or malformed
   */
  public @Nullable HttpHead read(ByteBuf in) {
    int end = HttpHead.end(in, seen);
    if (end < 0) {
      if (in.readableBytes() > HttpHead.MAX) {
        throw new IllegalArgumentException("HTTP head longer than " + HttpHead.MAX + " bytes");
      }
      seen = Math.max(0, in.readableBytes() - 3);
      return null;
    }
    seen = 0;
    return HttpHead.parse(in, end);
  }
}
