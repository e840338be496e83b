package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Masking is byte i XOR key byte i mod 4 (RFC 6455 section 5.3), whatever the buffer is made of.
 */
class MaskTest {
  private static final int KEY = 0x37fa213d;

  private static byte[] expected(byte[] data) {
    byte[] masked = data.clone();
    for (int i = 0; i < masked.length; i++) {
      masked[i] ^= (byte) (KEY >> (24 - 8 * (i % 4)));
    }
    return masked;
  }

  @Test
  void eachByteIsMaskedWithItsByteOfTheKeyAndNoOtherIsTouched() {
    byte[] data = new byte[67];
    new Random(3).nextBytes(data);
    for (int length = 0; length <= data.length - 5; length++) {
      ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer().writeBytes(data);
      WebSocketFrames.mask(buffer, 3, length, KEY);
      byte[] part = java.util.Arrays.copyOfRange(data, 3, 3 + length);
      assertThat(ByteBufUtil.getBytes(buffer, 3, length)).isEqualTo(expected(part));
      WebSocketFrames.mask(buffer, 3, length, KEY);
      assertThat(ByteBufUtil.getBytes(buffer)).isEqualTo(data);
      buffer.release();
    }
  }

  @Test
  void aBufferOfSeveralPartsIsMaskedAsOne() {
    byte[] data = new byte[64];
    new Random(4).nextBytes(data);
    for (int cut = 1; cut < data.length; cut++) {
      CompositeByteBuf buffer =
          Unpooled.compositeBuffer()
              .addComponent(true, Unpooled.directBuffer().writeBytes(data, 0, cut))
              .addComponent(true, Unpooled.directBuffer().writeBytes(data, cut, data.length - cut));
      WebSocketFrames.mask(buffer, 0, data.length, KEY);
      assertThat(ByteBufUtil.getBytes(buffer)).isEqualTo(expected(data));
      buffer.release();
    }
  }
}
