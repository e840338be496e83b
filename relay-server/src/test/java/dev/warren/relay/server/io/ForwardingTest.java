package dev.warren.relay.server.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** Which memory a forwarded frame keeps until the recipient's socket has taken it. */
class ForwardingTest {
  private static final int READ = 64 * 1024;

  private final SecretKey to = SecretKey.generate();

  /** What the recipient's socket gets for one frame that arrives in a large receive buffer. */
  private ByteBuf forwarded(EmbeddedRelay relay, int payload, ByteBuf read) {
    EmbeddedChannel recipient = relay.authenticated(to);
    send(relay.authenticated(SecretKey.generate()), payload, read);
    return recipient.readOutbound();
  }

  private static byte[] frame(NodeId to, int payload) {
    byte[] frame = new byte[34 + payload];
    frame[0] = 4;
    System.arraycopy(to.toBytes(), 0, frame, 1, 32);
    return frame;
  }

  @Test
  void aSmallFrameDoesNotKeepTheBufferItCameIn() {
    try (EmbeddedRelay relay = new EmbeddedRelay()) {
      ByteBuf read = Unpooled.directBuffer(READ);
      ByteBuf out = forwarded(relay, 2, read);
      assertThat(out.readableBytes()).isEqualTo(38);
      assertThat(read.refCnt()).isZero();
      out.release();
    }
  }

  @Test
  void aLargeFrameIsForwardedWithoutACopy() {
    try (EmbeddedRelay relay = new EmbeddedRelay()) {
      ByteBuf read = Unpooled.directBuffer(READ);
      ByteBuf out = forwarded(relay, 1200, read);
      assertThat(out.memoryAddress()).isBetween(read.memoryAddress(), read.memoryAddress() + READ);
      out.release();
      assertThat(read.refCnt()).isZero();
    }
  }

  @Test
  void whatGoesBehindAFullSocketDoesNotKeepTheBufferItCameIn() {
    try (EmbeddedRelay relay = new EmbeddedRelay()) {
      EmbeddedRelay.Socket recipient = relay.authenticated(to);
      EmbeddedChannel sender = relay.authenticated(SecretKey.generate());
      recipient.full = true;
      ByteBuf first = Unpooled.directBuffer(READ);
      send(sender, 1200, first);
      ByteBuf second = Unpooled.directBuffer(READ);
      send(sender, 1200, second);
      assertThat(first.refCnt()).isPositive();
      assertThat(second.refCnt()).isZero();
      recipient.full = false;
      recipient.flush();
      assertThat(EmbeddedRelay.read(recipient)).hasSize(2 * (4 + 34 + 1200));
    }
  }

  private void send(EmbeddedChannel sender, int payload, ByteBuf read) {
    read.writeBytes(EmbeddedRelay.message(frame(to.nodeId(), payload)));
    sender.writeInbound(read);
  }

  @Test
  void whoWasSentToIsRememberedUntilTheSenderLeaves() {
    try (EmbeddedRelay relay = new EmbeddedRelay()) {
      EmbeddedChannel sender = relay.authenticated(SecretKey.generate());
      for (int i = 0; i < 3; i++) {
        SecretKey key = SecretKey.generate();
        relay.authenticated(key);
        for (int twice = 0; twice < 2; twice++) {
          EmbeddedRelay.write(sender, EmbeddedRelay.message(frame(key.nodeId(), 5)));
        }
      }
      assertThat(relay.plane.clients().remembered()).isEqualTo(3);
      sender.close();
      assertThat(relay.plane.clients().remembered()).isZero();
    }
  }
}
