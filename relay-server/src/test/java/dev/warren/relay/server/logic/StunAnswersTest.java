package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import dev.warren.base.stun.StunAttribute;
import dev.warren.base.stun.StunMessage;
import dev.warren.base.stun.StunWriter;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StunAnswersTest {
  private static final InetSocketAddress FROM = SocketAddrs.parse("192.0.2.33:51820");
  private static final String SUCCESS =
      "0101000c2112a4420102030405060708090a0b0c002000080001eb7ee112a663";

  private static String answer(String hex, InetSocketAddress from) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return HexFormat.of().formatHex(StunAnswers.to(ByteBuffer.wrap(bytes), from));
  }

  @ParameterizedTest
  @CsvSource({
    "000100082112a4420102030405060708090a0b0c802800045b20f9cc", // of an endpoint
    "000100002112a4420102030405060708090a0b0c", // no attribute at all
    "000100082112a4420102030405060708090a0b0c8022000161000000", // SOFTWARE, no fingerprint
    "000100082112a4420102030405060708090a0b0c0006000161000000" // a user, for whom nobody asked
  })
  void aBindingRequestIsAnsweredWithTheAddressItCameFrom(String request) {
    assertThat(answer(request, FROM)).isEqualTo(SUCCESS);
  }

  @ParameterizedTest
  @CsvSource({
    "''", // nothing
    "000100082112a4420102030405060708090a0b0c802800045b20f9cd", // a wrong fingerprint
    "0101000c2112a4420102030405060708090a0b0c002000080001eb7ee112a663", // an answer
    "001100002112a4420102030405060708090a0b0c", // an indication
    "000300002112a4420102030405060708090a0b0c", // another method
    "000100000000000001020304050607080900a0b0" // RFC 3489 had no cookie
  })
  void whatIsNoBindingRequestGetsNoAnswer(String datagram) {
    assertThat(answer(datagram, FROM)).isEmpty();
  }

  @Test
  void nobodyIsAnsweredAtPort0() {
    assertThat(
            answer("000100002112a4420102030405060708090a0b0c", SocketAddrs.parse("192.0.2.33:0")))
        .isEmpty();
  }

  @Test
  void moreThanOnePacketIsNotLookedAt() {
    byte[] request =
        new StunWriter(StunMessage.BINDING_REQUEST, new byte[12])
            .attribute(StunAttribute.SOFTWARE, new byte[1200])
            .bytes();
    assertThat(StunAnswers.to(ByteBuffer.wrap(request), FROM)).isNotEmpty();
    byte[] longer = java.util.Arrays.copyOf(request, 1281);
    assertThat(StunAnswers.to(ByteBuffer.wrap(longer), FROM)).isEmpty();
  }

  @Test
  void attributesThatHaveToBeUnderstoodAndAreNotAreNamed() throws Exception {
    byte[] request =
        new StunWriter(StunMessage.BINDING_REQUEST, new byte[12])
            .attribute(0x0003, new byte[] {0, 0, 0, 6}) // CHANGE-REQUEST of RFC 5780
            .attribute(0x8029, new byte[8])
            .attribute(0x0024, new byte[4])
            .attribute(0x0003, new byte[4])
            .fingerprint();
    byte[] answer = StunAnswers.to(ByteBuffer.wrap(request), FROM);
    StunMessage error = StunMessage.parse(ByteBuffer.wrap(answer));
    assertThat(error.type()).isEqualTo(StunMessage.BINDING_ERROR);
    assertThat(error.attribute(StunAttribute.ERROR_CODE).orElseThrow())
        .containsExactly(0, 0, 4, 20);
    assertThat(error.attribute(StunAttribute.UNKNOWN_ATTRIBUTES).orElseThrow())
        .containsExactly(0, 3, 0, 0x24);
    assertThat(answer.length).isLessThanOrEqualTo(request.length);
  }
}
