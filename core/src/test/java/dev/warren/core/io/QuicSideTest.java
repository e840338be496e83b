package dev.warren.core.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a codec is given, and when. */
class QuicSideTest {
  private static final byte INITIAL = (byte) 0xc0;

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<String> codec = new ArrayList<>();
  private QuicSide side;

  /** As quiche does: decrypts in place, and answers when a read loop has ended. */
  private final class Codec extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf datagram = ((DatagramPacket) msg).content();
      codec.add("read, " + datagram.refCnt() + " owner");
      datagram.setZero(datagram.readerIndex(), datagram.readableBytes());
      datagram.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      codec.add("complete");
    }
  }

  private static ByteBuf initial() {
    // Flags, version 1, two ids of eight bytes, no token.
    ByteBuf packet = Unpooled.directBuffer(1200);
    packet.writeByte(INITIAL).writeInt(1).writeByte(8).writeLong(1).writeByte(8).writeLong(2);
    return packet.writeZero(1200 - packet.readableBytes());
  }

  @BeforeEach
  void open() {
    side = new QuicSide(group.next(), new QuicCounters());
  }

  @AfterEach
  void close() {
    side.channel().close().awaitUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void onLoop(Runnable task) throws Exception {
    group.next().submit(task).get(10, TimeUnit.SECONDS);
  }

  @Test
  void aDatagramIsJudgedBeforeTheCodecDecryptsItInPlaceAndHasOneOwner() throws Exception {
    List<Byte> judged = new ArrayList<>();
    side.start(
        new Codec(),
        (from, packet) -> {
          judged.add(packet.getByte(packet.readerIndex()));
          return IncomingGate.Decision.ACCEPT;
        });
    onLoop(() -> side.receive(null, initial()));
    assertThat(judged).containsExactly(INITIAL);
    assertThat(codec).containsExactly("read, 1 owner");
  }

  @Test
  void theEndOfAReadLoopIsToldOnceAndOnlyToWhoGotSomething() throws Exception {
    side.start(new Codec(), null);
    onLoop(
        () -> {
          side.receiveComplete();
          side.receive(null, initial());
          side.receive(null, initial());
          side.receiveComplete();
          side.receiveComplete();
        });
    assertThat(codec).containsExactly("read, 1 owner", "read, 1 owner", "complete");
  }
}
