package dev.warren.serving.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of one connection's request as it comes, looking at each byte once: by bytes of
 * their own, 16 KiB could else keep an event loop for a third of a second. Event loop only.
 */
public final class HttpRequestReader {
  private int looked;

  /**
   * As {@link HttpRequest#read}.
   *
   * @param in all that has come, nothing of it consumed since the last call
   */
  public @Nullable HttpRequest read(ByteBuf in) throws HttpRequest.Refused {
    HttpRequest request = HttpRequest.read(in, looked);
    looked = in.readableBytes();
    return request;
  }
}
