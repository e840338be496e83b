package dev.warren.relay.server.io;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;

/** Cuts a client's stream into frames for a {@link FrameSink}. Event loop only. */
interface StreamReader extends ChannelHandler {
  /** Reads on after frames were not wanted. */
  void resume(ChannelHandlerContext ctx) throws Exception;

  /** Closes the connection; what has arrived and was not read is thrown away. */
  void end(ChannelHandlerContext ctx);
}
