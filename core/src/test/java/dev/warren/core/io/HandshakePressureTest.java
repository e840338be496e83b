package dev.warren.core.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.core.io.IncomingGate.Decision;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class HandshakePressureTest {
  /** Long header of a version 1 Initial, two ids of one byte, and the length of a token. */
  private static final ByteBuf FIRST =
      Unpooled.wrappedBuffer(new byte[] {(byte) 0xc0, 0, 0, 0, 1, 1, 9, 1, 9, 0, 0, 0});

  private static final ByteBuf WITH_TOKEN =
      Unpooled.wrappedBuffer(new byte[] {(byte) 0xc0, 0, 0, 0, 1, 1, 9, 1, 9, 2, 7, 7});

  private final LongAdder heldOff = new LongAdder();
  private final HandshakePressure pressure = new HandshakePressure(null, heldOff);

  private Decision decide(ByteBuf packet) {
    return pressure.decide(null, packet);
  }

  private void begin(int count) {
    for (int i = 0; i < count; i++) {
      pressure.begun();
    }
  }

  @Test
  void fewHandshakesAreNobodysConcern() {
    begin(HandshakePressure.RETRY_ABOVE - 1);
    assertThat(decide(FIRST)).isEqualTo(Decision.ACCEPT);
    assertThat(heldOff.sum()).isZero();
  }

  @Test
  void manyMakeNewcomersProveTheirAddress() {
    begin(HandshakePressure.RETRY_ABOVE);
    assertThat(decide(FIRST)).isEqualTo(Decision.RETRY);
    assertThat(decide(WITH_TOKEN)).isEqualTo(Decision.ACCEPT);
    assertThat(heldOff.sum()).isEqualTo(1);
  }

  @Test
  void beyondTheLimitNobodyIsHeardUntilSomeHaveEnded() {
    begin(HandshakePressure.MOST);
    assertThat(decide(WITH_TOKEN)).isEqualTo(Decision.IGNORE);
    pressure.ended();
    assertThat(decide(WITH_TOKEN)).isEqualTo(Decision.ACCEPT);
  }

  @Test
  void theApplicationsGateStillJudges() {
    HandshakePressure both = new HandshakePressure((from, initial) -> Decision.REFUSE, heldOff);
    assertThat(both.decide(null, FIRST)).isEqualTo(Decision.REFUSE);
  }
}
