package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The vectors of relay-protocol sections F2 and F4, and masking. */
class HandshakeTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final SecretKey KEY = SecretKey.ofBytes(filled(32, 0x2a));

  private static byte[] filled(int n, int b) {
    byte[] bytes = new byte[n];
    Arrays.fill(bytes, (byte) b);
    return bytes;
  }

  @Test
  void theChallengeSignature() {
    byte[] challenge = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
    assertThat(HEX.formatHex(Handshake.message(challenge)))
        .isEqualTo("b7b16e505d2cb5dbaf494800092c3b05a6c45d8d3fd4f1b888c6a77240b876c0");
    byte[] frame = Handshake.clientAuth(KEY, challenge);
    assertThat(frame).hasSize(98);
    assertThat(HEX.formatHex(Arrays.copyOfRange(frame, 34, 98)))
        .isEqualTo(
            "a28b5ebc6a930b5d80ad5aca2a8e48ad4a064e699c0866674c8b8e61a5f4ea940ee8b9f06732930250ac0735555abe77e8df740165edc3163be432f0e4f3cf0f");
    assertThat(Handshake.verify(frame, challenge)).contains(KEY.nodeId());
    assertThat(Handshake.verify(frame, filled(16, 0xff))).isEmpty();
    frame[40] ^= 1;
    assertThat(Handshake.verify(frame, challenge)).isEmpty();
  }

  @Test
  void denials() {
    assertThat(HEX.formatHex(Handshake.denied("not authorized")))
        .isEqualTo("030e6e6f7420617574686f72697a6564");
    assertThat(HEX.formatHex(Handshake.denied("signature invalid")))
        .isEqualTo("03117369676e617475726520696e76616c6964");
  }

  @Test
  void theWebSocketAccept() {
    assertThat(Handshake.websocketAccept("dGhlIHNhbXBsZSBub25jZQ=="))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @Test
  void maskingTwiceIsNothingAndMasksAsTheRfcSays() {
    for (int length = 0; length < 40; length++) {
      byte[] data = new byte[length];
      new java.util.Random(length).nextBytes(data);
      ByteBuf buffer = Unpooled.copiedBuffer(data);
      WebSocketFrames.mask(buffer, 0, length, 0x01020304);
      for (int i = 0; i < length; i++) {
        assertThat(buffer.getByte(i)).isEqualTo((byte) (data[i] ^ (i % 4 + 1)));
      }
      WebSocketFrames.mask(buffer, 0, length, 0x01020304);
      byte[] back = new byte[length];
      buffer.getBytes(0, back);
      assertThat(back).isEqualTo(data);
    }
  }
}
