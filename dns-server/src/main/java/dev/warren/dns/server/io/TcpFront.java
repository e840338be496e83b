package dev.warren.dns.server.io;

import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.ResponseWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of DNS over TCP (RFC 7766): messages with their length before them, any number,
 * answered as they get ready. Event loop only.
 */
final class TcpFront extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(TcpFront.class);

  private static final int LENGTH = 2;

  /** As for datagrams, and room for what clients pad a query with. */
  private static final int LONGEST_QUERY = 4096;

  /** Queries of one connection that are not answered yet; no more is read meanwhile. */
  private static final int AT_ONCE = 64;

  private final Answers answers;
  private final Connections connections;
  private final DnsLimits limits;
  private final DnsCounters counters;
  private @Nullable Deadline deadline;
  private int waiting;

  TcpFront(Answers answers, Connections connections, DnsLimits limits, DnsCounters counters) {
    this.answers = answers;
    this.connections = connections;
    this.limits = limits;
    this.counters = counters;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline = new Deadline(ctx.channel(), limits.dnsIdle(), counters.timeouts);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (waiting >= AT_ONCE || in.readableBytes() < LENGTH || !ctx.channel().isWritable()) {
      ctx.channel().config().setAutoRead(waiting < AT_ONCE && ctx.channel().isWritable());
      return;
    }
    int length = in.getUnsignedShort(in.readerIndex());
    if (length > LONGEST_QUERY) {
      in.skipBytes(in.readableBytes());
      ctx.close();
    } else if (in.readableBytes() >= LENGTH + length) {
      in.skipBytes(LENGTH);
      onQuery(ctx, Query.read(in.readSlice(length)));
    }
  }

  private void onQuery(ChannelHandlerContext ctx, @Nullable Query query) {
    if (query == null) {
      counters.datagramsIgnored.increment();
      ctx.close();
      return;
    }
    extend();
    connections.active(ctx.channel());
    Answer answer = answers.to(query, later -> onLoop(ctx, query, later));
    if (answer != null) {
      write(ctx, query, answer);
    } else {
      waiting++;
    }
  }

  private void extend() {
    if (deadline != null) {
      deadline.set(limits.dnsIdle());
    }
  }

  private void onLoop(ChannelHandlerContext ctx, Query query, Answer answer) {
    try {
      ctx.executor()
          .execute(
              () -> {
                waiting--;
                extend();
                write(ctx, query, answer);
                ctx.flush();
                resume(ctx);
              });
    } catch (RejectedExecutionException closed) {
      LOG.debug("a DNS answer came after the server was closed");
    }
  }

  private static void write(ChannelHandlerContext ctx, Query query, Answer answer) {
    ByteBuf message = ResponseWriter.write(query, answer, ResponseWriter.STREAM_LIMIT, ctx.alloc());
    ctx.write(ctx.alloc().directBuffer(LENGTH).writeShort(message.readableBytes()));
    ctx.write(message);
  }

  /** Goes on with what came while there was too much to do. */
  private void resume(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive() && !ctx.channel().config().isAutoRead()) {
      ctx.channel().config().setAutoRead(true);
      // Decodes what is already here, with nothing added to it.
      try {
        channelRead(ctx, ctx.alloc().buffer(0));
        ctx.flush();
      } catch (Exception e) {
        exceptionCaught(ctx, e);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
    if (ctx.channel().isWritable()) {
      resume(ctx);
    }
    super.channelWritabilityChanged(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    ctx.flush();
    super.channelReadComplete(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("DNS over TCP: {}", cause.toString());
    ctx.close();
  }
}
